import { describe, expect, it } from 'vitest';
import {
  type BatchResult,
  decodeBatchRequest,
  decodeBatchResult,
  encodeBatchRequest,
  mayBeRead,
  outcomeOfNotAsked,
  withinContract,
} from '../../../lib/sweep/batch.ts';
import { BatchError } from '../../../lib/sweep/errors.ts';
import { failed, ok, skipped } from '../../../lib/sweep/outcome.ts';
import { batchHost, batchRequest, batchResult, readRequest } from './builders.ts';

const text = (characters: number) => 'x'.repeat(characters);
const many = <T>(count: number, one: T): T[] => Array<T>(count).fill(one);
const host = (changes: object) => ({ hosts: [{ ...batchHost(1), ...changes }] });
const account = (changes: object) => host({ account: { refusals: 0, ...changes } });
const credential = { id: 'env:ESXI', version: 'v1', username: 'root', scope: 'host' };
const collector = { name: 'services', success: true, durationMs: 0 };
const measurements = { vcenterCalls: 0, vcenterBytes: 0, failedLogouts: 0, durationMs: 0 };

/** What the other side takes, and what is the least over it. */
type Edges = readonly [field: string, taken: readonly object[], refused: readonly object[]][];

const OF_REQUESTS: Edges = [
  ['runId', [{ runId: text(4_096) }], [{ runId: text(4_097) }, { runId: 1 }]],
  ['sweep', [{ sweep: text(4_096) }], [{ sweep: text(4_097) }]],
  ['target', [{ target: text(4_096) }], [{ target: text(4_097) }]],
  ['batch', [{ batch: 0 }], [{ batch: -1 }, { batch: 0.5 }]],
  ['endsAt', [{ endsAt: 0 }], [{ endsAt: -1 }]],
  ['does', [], [{ does: 'else' }]],
  ['credential', [{ credential }], [{ credential: { ...credential, scope: 'all' } }]],
  ['credential', [], [{ credential: { ...credential, password: 'p' } }]],
  ['care', [{ care: 'slice' }, { care: 'alone' }], [{ care: 'other' }]],
  ['probes', [{ probes: many(128, 'a') }], [{ probes: many(129, 'a') }]],
  ['probes.0', [{ probes: [`a-9${text(29)}`] }], [{ probes: [text(33)] }, { probes: ['9a'] }]],
  ['probes.0', [], [{ probes: ['-a'] }, { probes: ['a_b'] }, { probes: ['a\n'] }]],
  ['hosts', [{ hosts: [] }], [{ hosts: {} }]],
  ['hosts.0.moref', [host({ moref: text(256) })], [host({ moref: text(257) }), host({ moref: '' })]],
  ['hosts.0.name', [host({ name: text(4_096) })], [host({ name: text(4_097) })]],
  ['hosts.0.site', [host({ site: text(4_096) })], [host({ site: text(4_097) })]],
  ['hosts.0.address', [host({ address: text(4_096) })], [host({ address: text(4_097) })]],
  ['hosts.0.port', [host({ port: 1 }), host({ port: 65_535 })], [host({ port: 0 }), host({ port: 65_536 })]],
  ['hosts.0.port', [], [host({ port: 22.5 })]],
  [
    'hosts.0.hostKey',
    [host({ hostKey: { type: 't', blob: text(16_384) } })],
    [host({ hostKey: { type: 't', blob: text(16_385) } }), host({ hostKey: { type: 't' } })],
  ],
  ['hosts.0.hostKey', [], [host({ hostKey: { type: 't', blob: 'b', more: 1 } })]],
  ['hosts.0.ssh', [host({ ssh: 'try' })], [host({ ssh: 'ask' }), host({ ssh: { why: 'none' } })]],
  ['hosts.0.ssh', [], [host({ ssh: { skip: 'state', more: 1 } })]],
  [
    'hosts.0.ssh',
    [host({ ssh: { skip: 'deadline', why: text(600) } })],
    [host({ ssh: { skip: 'deadline', why: text(601) } })],
  ],
  ['hosts.0.proven', [], [host({ proven: 'yes' })]],
  ['hosts.0.doubtful', [host({ doubtful: 'stranger' })], [host({ doubtful: 'friend' })]],
  ['hosts.0.account.refusals', [account({ refusals: 1_000 })], [account({ refusals: 1_001 })]],
  ['hosts.0.account.refusals', [], [account({ refusals: -1 }), account({ refusals: 0.5 })]],
  [
    'hosts.0.account.openAttempt',
    [account({ openAttempt: { version: text(4_096), at: 0 } })],
    [account({ openAttempt: { version: text(4_097), at: 0 } })],
  ],
  ['hosts.0.account.openAttempt', [], [account({ openAttempt: { version: 'v1', at: -1 } })]],
  ['hosts.0.account', [], [account({ more: 1 })]],
  ['hosts.0', [], [host({ more: 1 })]],
];

const reading = (changes: object) => ({ ...readRequest(), ...changes });
const OF_READS: Edges = [
  ['ticket', [{ ticket: text(4_096) }], [{ ticket: text(4_097) }]],
  ['items', [{ items: many(5_000, ['HostSystem', 'h']) }], [{ items: many(5_001, ['HostSystem', 'h']) }]],
  [
    'items',
    [{ items: [[text(64), text(256)]] }],
    [{ items: [[text(65), 'h']] }, { items: [['T', text(257)]] }],
  ],
  ['items', [], [{ items: [['T', '']] }, { items: [['T']] }, { items: [['T', 'h', 1]] }, { items: ['Th'] }]],
  ['items', [], [{ items: [[1, 'h']] }, { items: [['T', 1]] }, { items: [['T', 'h'], null] }, { items: {} }]],
  ['since', [{ since: [0] }, { since: many(5_000, 1) }], [{ since: many(5_001, 1) }, { since: [-1] }]],
  ['since', [], [{ since: [1.5] }, { since: ['1'] }, { since: 1 }]],
];

const OF_RESULTS: Edges = [
  ['target', [{ target: text(4_096) }], [{ target: text(4_097) }]],
  ['batch', [], [{ batch: -1 }, { batch: 1.5 }]],
  [
    'outcomes',
    [{ outcomes: [[text(256), 'ok']] }, { outcomes: many(5_000, ['h', 'ok']) }],
    [{ outcomes: [[text(257), 'ok']] }, { outcomes: many(5_001, ['h', 'ok']) }],
  ],
  ['outcomes', [], [{ outcomes: [['h']] }, { outcomes: [['h', 'ok', 'ok']] }, { outcomes: ['ok'] }]],
  ['outcomes', [], [{ outcomes: [['', 'ok']] }, { outcomes: [[1, 'ok']] }, { outcomes: [['h', 1]] }]],
  ['outcomes', [{ outcomes: [['h', 'failed(auth)']] }], [{ outcomes: [['h', 'failed(mood)']] }]],
  ['logins', [{ logins: many(5_000, ['h', 'refused']) }], [{ logins: many(5_001, ['h', 'refused']) }]],
  ['logins.0', [], [{ logins: [['h', 'lost']] }, { logins: [['', 'refused']] }, { logins: [['h']] }]],
  ['pinned', [{ pinned: many(5_000, 'h') }], [{ pinned: many(5_001, 'h') }, { pinned: [''] }]],
  ['unconnected', [{ unconnected: many(5_000, 'h') }], [{ unconnected: many(5_001, 'h') }]],
  ['sshStopped', [{ sshStopped: many(5_000, 'h') }], [{ sshStopped: many(5_001, 'h') }]],
  ['nameless', [{ nameless: many(5_000, 'h') }], [{ nameless: many(5_001, 'h') }]],
  ['details', [{ details: many(5_000, ['h', 'd']) }], [{ details: many(5_001, ['h', 'd']) }]],
  ['details.0', [{ details: [['h', text(600)]] }], [{ details: [['h', text(601)]] }]],
  ['families', [{ families: [] }], [{ families: {} }]],
  ['tooLarge', [], [{ tooLarge: 'no' }]],
  ['collectors', [{ collectors: many(1_000, collector) }], [{ collectors: many(1_001, collector) }]],
  ['collectors.0', [], [{ collectors: [{ ...collector, durationMs: -1 }] }]],
  ['collectors.0', [], [{ collectors: [{ ...collector, more: 1 }] }]],
  [
    'collectors.0.missed',
    [{ collectors: [{ ...collector, missed: many(10_000, ['m', 1]) }] }],
    [{ collectors: [{ ...collector, missed: many(10_001, ['m', 1]) }] }],
  ],
  ['collectors.0.missed.0', [], [{ collectors: [{ ...collector, missed: [['m', 0]] }] }]],
  ['warnings', [{ warnings: many(1_000, { text: 'w', count: 1 }) }], []],
  ['warnings', [], [{ warnings: many(1_001, { text: 'w', count: 1 }) }]],
  ['warnings.0', [{ warnings: [{ text: text(2_000), count: 1 }] }], []],
  [
    'warnings.0',
    [],
    [{ warnings: [{ text: text(2_001), count: 1 }] }, { warnings: [{ text: 'w', count: 0 }] }],
  ],
  ...Object.keys(measurements).map((name): Edges[number] => [
    `measurements.${name}`,
    [{ measurements }],
    [{ measurements: { ...measurements, [name]: -1 } }],
  ]),
  ...['vcenterCalls', 'vcenterBytes', 'failedLogouts'].map((name): Edges[number] => [
    `measurements.${name}`,
    [],
    [{ measurements: { ...measurements, [name]: 0.5 } }],
  ]),
];

const bytesOf = (value: object) => Buffer.from(JSON.stringify(value));
const plainResult = { ...batchResult(), outcomes: [] };

/** Takes what is at the edge, and names the field of what is over it. */
function holdTo(edges: Edges, whole: object, decode: (bytes: Uint8Array) => unknown, what: string): void {
  for (const [field, taken, refused] of edges) {
    for (const one of taken)
      expect(
        () => decode(bytesOf({ ...whole, ...one })),
        `${field} of ${JSON.stringify(one).slice(0, 80)}`,
      ).not.toThrow();
    for (const one of refused)
      expect(
        () => decode(bytesOf({ ...whole, ...one })),
        `${field} of ${JSON.stringify(one).slice(0, 80)}`,
      ).toThrow(new RegExp(`^batch ${what}: not of version 2: ${field.replaceAll('.', '\\.')}[.:]`));
  }
}

describe('the edges of the batch contract', () => {
  it('are those of a request to ask hosts: what is over one is named by its field', () => {
    holdTo(OF_REQUESTS, batchRequest(), decodeBatchRequest, 'request');
  });

  it('are those of a request to read', () => {
    holdTo(OF_READS, reading({}), decodeBatchRequest, 'request');
  });

  it('are those of a result', () => {
    holdTo(OF_RESULTS, plainResult, decodeBatchResult, 'result');
  });

  it('hold 5,000 hosts in a request, and no more', () => {
    const one = batchHost(1);
    expect(decodeBatchRequest(bytesOf({ ...batchRequest(), hosts: many(5_000, one) }))).toMatchObject({
      does: 'ask',
    });
    expect(() => decodeBatchRequest(bytesOf({ ...batchRequest(), hosts: many(5_001, one) }))).toThrow(
      /not of version 2: hosts: /,
    );
  });

  it('are those of both sides: what no worker would take is not sent', () => {
    expect(() => encodeBatchRequest(batchRequest({ batch: -1 }))).toThrow(BatchError);
    expect(() => encodeBatchRequest(readRequest({ items: [['T', '']] }))).toThrow(
      'batch request: not of version 2: items: not references of items',
    );
    expect(() => encodeBatchRequest(readRequest({ since: [-1] }))).toThrow(
      'batch request: not of version 2: since: not times of items',
    );
    const odd = bytesOf({ ...plainResult, outcomes: [['h', 'mood']] });
    expect(() => decodeBatchResult(odd)).toThrow(
      'batch result: not of version 2: outcomes: not outcomes of items',
    );
  });

  it('leave out one item that no request may hold, and not those beside it', () => {
    expect(mayBeRead(['HostSystem', 'host-1'])).toBe(true);
    expect(mayBeRead([text(64), text(256)])).toBe(true);
    for (const item of [
      [text(65), 'h'],
      ['T', text(257)],
      ['T', ''],
    ] as const)
      expect(mayBeRead(item)).toBe(false);
  });

  it('of a result without its nameless items are those of an older worker, which names none', () => {
    const { nameless: _none, ...older } = plainResult;
    expect(decodeBatchResult(bytesOf(older))).toEqual<BatchResult>(batchResult());
  });
});

describe('a host that no request may hold', () => {
  it('stays as it is where a request may hold it', () => {
    const one = batchHost(1, { hostKey: { type: 't', blob: 'b' } });
    expect(withinContract(one)).toBe(one);
  });

  it('is asked by nobody, has its labels cut and no key, and says which field is wrong', () => {
    const key = { type: 't', blob: text(16_385) };
    const odd = batchHost(1, { name: text(5_000), site: text(5_001), address: text(5_002), hostKey: key });
    expect(withinContract(odd)).toEqual({
      ...batchHost(1),
      name: text(4_096),
      site: text(4_096),
      address: text(4_096),
      ssh: {
        skip: 'worker',
        why: expect.stringMatching(/^no login was tried, because its name from vCenter is invalid: Too big/),
      },
    });
    expect(withinContract(batchHost(1, { hostKey: key })).ssh).toEqual({
      skip: 'worker',
      why: expect.stringContaining('because its hostKey.blob from vCenter is invalid'),
    });
  });
});

describe('a host that is not asked', () => {
  it('failed where vsweep is why, and is skipped where the host or its account is', () => {
    expect(
      (['no-credential', 'worker', 'deadline', 'state', 'lockdown', 'other-process'] as const).map(
        outcomeOfNotAsked,
      ),
    ).toEqual([
      failed('worker'),
      failed('worker'),
      failed('deadline'),
      skipped('state'),
      skipped('lockdown'),
      skipped('other-process'),
    ]);
    expect(ok).toEqual({ kind: 'ok' });
  });
});
