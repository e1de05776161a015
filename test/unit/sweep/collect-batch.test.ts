import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import { parseConfig } from '../../../lib/config/parse-config.ts';
import { SshError } from '../../../lib/esxi/errors.ts';
import { printServiceLine, readServiceProbe } from '../../../lib/esxi/service-probe.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { createAddressMap } from '../../../lib/state/address-map.ts';
import { type BatchHost, type BatchRequest, decodeBatchResult } from '../../../lib/sweep/batch.ts';
import type { WorkerSession } from '../../../lib/sweep/sessions.ts';
import { type CollectBatchDeps, collectFrom } from '../../../lib/sweep/worker/collect-batch.ts';
import { createLoginTurns } from '../../../lib/sweep/worker/login-turns.ts';
import type { PropertyValue, RetrievedObject } from '../../../lib/vsphere/property/retrieved-object.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { batchHost, batchRequest, history, T0 } from './builders.ts';

const CREDENTIAL = { id: 'env:ESXI', version: 'v1', username: 'root' } as const;
const KEY = { hostKey: { type: 'ssh-rsa', blob: 'AAAA' } };

/** What vCenter says of one host. */
const saying = (number: number, properties: Record<string, PropertyValue>): RetrievedObject => ({
  moref: { type: 'HostSystem', value: `host-${number}` },
  properties: new Map(Object.entries(properties)),
  missing: new Map(),
});
const named = (number: number, more: Record<string, PropertyValue> = {}) =>
  saying(number, { name: `esx${number}`, overallStatus: 'green', ...more });

interface Work {
  collectors?: readonly string[];
  request?: Partial<BatchRequest>;
  objects?: readonly RetrievedObject[];
  /** What `config.option` is, asked once the objects are there. */
  limits?: readonly RetrievedObject[] | Error;
  warnings?: readonly string[];
  ssh?: CollectBatchDeps['runCommand'];
  /** How long vCenter takes for an answer. */
  passingMs?: number;
}

const answering: CollectBatchDeps['runCommand'] = async ({ command }, { verifyHostKey }, options) => {
  await verifyHostKey({ type: 'ssh-rsa', blob: 'AAAA' }, options);
  const { nonce = '' } = readServiceProbe(command) ?? {};
  const stdout = printServiceLine(nonce, 'hostd', { code: 0, text: 'hostd is running.' });
  return { stdout, exitCode: 0, authMethod: 'password', timings: { connectMs: 0, loginMs: 0, commandMs: 0 } };
};

/** A worker whose vCenter and hosts answer as told; what it asks of them, and what it keeps. */
async function collect(
  hosts: readonly BatchHost[],
  {
    collectors = ['ssh-services'],
    request,
    objects = [],
    limits = [],
    warnings = [],
    ssh = answering,
    passingMs = 0,
  }: Work = {},
) {
  const text = JSON.stringify({
    targets: [{ name: 'vc01', url: 'https://vc01/sdk', credentials: { env: 'VC' } }],
    esxi: { credentials: { env: 'ESXI' }, services: ['hostd'], hostKeys: { unknown: 'trust-first' } },
    sweeps: [{ name: 'services', every: '1m', collectors }],
  });
  const asked: { morefs: readonly string[]; paths: readonly string[] }[] = [];
  const kept: unknown[] = [];
  const clock = createManualClock(T0);
  const session: WorkerSession = {
    async *retrieve({ morefs, paths }) {
      asked.push({ morefs, paths });
      clock.advance(passingMs);
      if (!paths.includes('config.option')) yield* objects;
      else if (limits instanceof Error) throw limits;
      else yield* limits;
    },
    close: async () => undefined,
    measurements: () => ({ calls: 3, bytes: 5, failedLogouts: 1 }),
  };
  const deps: Partial<CollectBatchDeps> = {
    config: parseConfig(text, { file: 'vsweep.yaml', collectors: KNOWN_COLLECTORS }),
    knownHosts: NO_KNOWN_HOSTS,
    clock,
    log: silentLog,
    randomId: () => 'abcdefgh12345678',
    turns: createLoginTurns({ clock }),
    cloneSession: async (_target, ticket, { endsAt }) => {
      kept.push(['clone', ticket, endsAt]);
      return session as never;
    },
    credentials: { read: async () => ({ ...CREDENTIAL, proof: { kind: 'password', password: 'x' } }) },
    records: {
      beginAttempt: async () => true,
      closeAttempt: async () => undefined,
      recordRefusal: async () => history(),
      recordSuccess: async () => undefined,
      beginDial: async () => undefined,
      endDial: async () => undefined,
      readUnsettled: async () => createAddressMap([]),
      pin: async () => 'pinned',
    },
    limits: { recordLimits: async (...of) => void kept.push(of.slice(0, 3)) },
    runCommand: ssh,
  };
  const credential = { ...CREDENTIAL, scope: 'host' } as const;
  const bytes = await collectFrom(
    batchRequest({ credential, vcenter: { ticket: 't' }, hosts: [...hosts], ...request }),
    deps as CollectBatchDeps,
    { signal: new AbortController().signal, warnings },
  );
  return { ...decodeBatchResult(bytes), asked, kept };
}

const NOT_NEEDED = { vcenter: 'not-needed' } as const;

describe('collectFrom', () => {
  it('warns once of what hosts lack, with their number, and of what it is given to warn of', async () => {
    const ssh: CollectBatchDeps['runCommand'] = async (request, ...rest) => {
      const { nonce = '' } = readServiceProbe(request.command) ?? {};
      const result = await answering(request, ...rest);
      const lacks = request.target.host === '10.0.0.3' ? '' : `@@${nonce} - lacks setsid\n`;
      return { ...result, stdout: lacks + result.stdout };
    };
    const result = await collect(
      [1, 2, 3].map((one) => batchHost(one, KEY)),
      {
        request: NOT_NEEDED,
        ssh,
        warnings: ['w'.repeat(2_001)],
      },
    );
    expect(result.outcomes.map(([, , outcome]) => outcome)).toEqual(Array(3).fill({ kind: 'ok' }));
    expect(result.warnings).toEqual([
      { text: expect.stringMatching(/^ssh: the host has no setsid: /), count: 2 },
      { text: 'w'.repeat(2_000), count: 1 },
    ]);
  });

  it('tells of each host by both ways, in the order of the request, and what it took', async () => {
    const hosts = [batchHost(1, { proven: false }), batchHost(2, KEY), batchHost(3, KEY)];
    const ssh: CollectBatchDeps['runCommand'] = (request, ...rest) =>
      request.target.host === '10.0.0.2'
        ? Promise.reject(new SshError('it hung up', { code: 'banner' }))
        : answering(request, ...rest);
    const objects = [named(2), named(1), saying(3, {})];
    const result = await collect(hosts, { collectors: ['overall-status', 'ssh-services'], objects, ssh });
    expect({ ...result, logins: result.logins.toSorted() }).toMatchObject({
      version: 2,
      target: 'vc01',
      batch: 0,
      outcomes: [
        ['host-1', { kind: 'ok' }, { kind: 'ok' }],
        ['host-2', { kind: 'ok' }, { kind: 'failed', reason: 'banner' }],
        ['host-3', { kind: 'failed', reason: 'unreadable' }, { kind: 'ok' }],
      ],
      logins: [
        ['host-1', 'accepted'],
        ['host-3', 'accepted'],
      ],
      pinned: ['host-1'],
      details: [
        ['host-2', 'ssh', 'it hung up'],
        [
          'host-3',
          'vcenter',
          expect.stringMatching(/^vCenter did not return the host or its name; give .*"Read-only"/),
        ],
      ],
      collectors: [
        { name: 'overall-status', success: true, durationMs: 0 },
        { name: 'ssh-services', success: true, durationMs: 0 },
      ],
      warnings: [
        { text: 'overall-status: overallStatus could not be read: vCenter sent no value', count: 1 },
      ],
      measurements: { vcenterCalls: 3, vcenterBytes: 5, failedLogouts: 1, durationMs: 0 },
    });
    expect(result.families.map(({ metric, rows }) => [metric, rows.length])).toEqual([
      ['esxi_overall_status', 2],
      ['esxi_overall_status_info', 2],
      ['esxi_critical_service_status', 2],
      ['esxi_service_state', 2],
    ]);
    expect(result.kept[0]).toEqual(['clone', 't', T0 + 40_000]);
  });

  it('measures whole milliseconds', async () => {
    const { measurements } = await collect([batchHost(1)], {
      collectors: ['overall-status'],
      passingMs: 12.75,
    });
    expect(measurements.durationMs).toBe(13);
  });

  it('tells of a vCenter that failed what it failed of, at each host', async () => {
    const failing = new Error(`down ${'x'.repeat(1_000)}`);
    const objects = {
      *[Symbol.iterator]() {
        yield named(1);
        throw failing;
      },
    };
    const { details, outcomes } = await collect([batchHost(1, KEY), batchHost(2, KEY)], {
      collectors: ['overall-status'],
      objects: objects as never,
    });
    expect(outcomes).toEqual([
      ['host-1', { kind: 'ok' }, null],
      ['host-2', { kind: 'failed', reason: 'target' }, null],
    ]);
    expect(details).toEqual([['host-2', 'vcenter', failing.message.slice(0, 600)]]);
  });

  it('keeps what ssh found out in a result that is too large, so that nobody is logged in to twice', async () => {
    // Text that does not shrink: the samples of vCenter take twice 4 KB a host.
    const noise = (index: number) => randomBytes(3_072).toString('base64').slice(0, 4_090) + index;
    const hosts = Array.from({ length: 700 }, (_, index) =>
      batchHost(index, {
        ...KEY,
        site: noise(index),
        ...(index > 1 && { ssh: { skip: 'lockdown' } as const }),
      }),
    );
    const { outcomes, families } = await collect(hosts, {
      collectors: ['overall-status', 'ssh-services'],
      objects: hosts.map((_, index) => named(index)),
    });
    const tooLarge = { kind: 'failed', reason: 'result-too-large' };
    expect(outcomes.slice(0, 3)).toEqual([
      ['host-0', tooLarge, { kind: 'ok' }],
      ['host-1', tooLarge, { kind: 'ok' }],
      ['host-2', tooLarge, { kind: 'skipped', reason: 'lockdown' }],
    ]);
    expect(families.map(({ metric, rows }) => [metric, rows.length])).toEqual([
      ['esxi_critical_service_status', 2],
      ['esxi_service_state', 2],
    ]);
  });

  it('asks nobody by ssh for a sweep that does not, and vCenter for what it needs alone', async () => {
    const ssh = () => Promise.reject(new Error('not asked for'));
    const objects = [named(1), named(2)];
    const { outcomes, asked } = await collect([batchHost(1), batchHost(2)], {
      collectors: ['overall-status'],
      objects,
      ssh,
    });
    expect(outcomes.map(([, vcenter, overSsh]) => [vcenter.kind, overSsh])).toEqual([
      ['ok', null],
      ['ok', null],
    ]);
    expect(asked).toEqual([{ morefs: ['host-1', 'host-2'], paths: ['name', 'overallStatus'] }]);
  });

  it('asks vCenter for each path once, and whether ssh is on where hosts are asked', async () => {
    const { asked } = await collect([batchHost(1, KEY)], {
      collectors: ['ssh-services', 'host-services'],
      objects: [named(1)],
    });
    expect(asked.map(({ paths }) => paths)).toEqual([['name', 'runtime.connectionState', 'config.service']]);
  });

  it('calls a host whose ssh vCenter says is off what it is, when nobody connected there', async () => {
    const service = [{ key: 'TSM-SSH', running: 'false' }];
    const off = { 'runtime.connectionState': 'connected', 'config.service': { service } };
    const ssh = () => Promise.reject(new SshError('no connection', { code: 'connection-refused' }));
    const { outcomes } = await collect([batchHost(1, KEY), batchHost(2, KEY)], {
      objects: [named(1, off), named(2)],
      ssh,
    });
    expect(outcomes.map(([, , outcome]) => outcome)).toEqual([
      { kind: 'skipped', reason: 'ssh-disabled' },
      { kind: 'failed', reason: 'connection-refused' },
    ]);
  });
});

describe('the limits of hosts that hold refusals', () => {
  const holding = (number: number, changes: Partial<BatchHost['account']> = {}) =>
    batchHost(number, { ...KEY, proven: false, account: { refusals: 1, ...changes } });
  const options = (number: number, limit: string) =>
    saying(number, { 'config.option': [{ key: 'Security.AccountLockFailures', value: limit }] });
  const of = async (hosts: readonly BatchHost[], work: Work) => {
    const { kept, asked } = await collect(hosts, { objects: [named(1), named(2), named(3)], ...work });
    return { kept: kept.slice(1), asked: asked.slice(1) };
  };

  it('are read of these alone, and kept where they are news', async () => {
    const limits = [options(2, '7'), options(3, '5'), options(9, '5')];
    expect(await of([batchHost(1, KEY), holding(2), holding(3, { hostLimit: 5 })], { limits })).toEqual({
      asked: [{ morefs: ['host-2', 'host-3'], paths: ['config.option'] }],
      kept: [['root', '10.0.0.2', { hostLimit: 7 }]],
    });
  });

  it('are not read where nobody holds one, and not of the one account of a domain', async () => {
    const limits = [options(2, '7')];
    expect((await of([batchHost(2, KEY)], { limits })).asked).toEqual([]);
    const credential = { ...CREDENTIAL, scope: 'domain' } as const;
    expect((await of([holding(2)], { limits, request: { credential } })).asked).toEqual([]);
    const without = { ...holding(2), ssh: { skip: 'no-credential' } } as const;
    expect((await of([without], { limits, request: { credential: undefined } })).asked).toEqual([]);
  });

  it('cost no host anything when they cannot be read', async () => {
    const { outcomes } = await collect([holding(1)], { objects: [named(1)], limits: new Error('no right') });
    expect(outcomes).toEqual([['host-1', { kind: 'ok' }, { kind: 'ok' }]]);
  });
});
