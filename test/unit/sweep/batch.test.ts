import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MetricRow } from '../../../lib/catalogue/row.ts';
import type { LoginEnd } from '../../../lib/logins/asked-batch.ts';
import {
  type BatchRequest,
  type BatchResult,
  decodeBatchRequest,
  decodeBatchResult,
  encodeBatchRequest,
  encodeBatchResult,
} from '../../../lib/sweep/batch.ts';
import { type ColumnFamily, createColumns } from '../../../lib/sweep/columns.ts';
import { BatchError } from '../../../lib/sweep/errors.ts';
import { FAILED_REASONS, failed, ok, SKIPPED_REASONS, skipped } from '../../../lib/sweep/outcome.ts';
import { batchHost, batchResult, readRequest, T0 } from './builders.ts';

const TICKET = 'cst-VCT-52fd0d7c-very-secret';
const request = (changes: Partial<BatchRequest> = {}): BatchRequest => ({
  version: 2,
  runId: 'run',
  sweep: 'services',
  target: 'vc01',
  batch: 0,
  endsAt: T0,
  does: 'ask',
  credential: { id: 'env:ESXI', version: 'v1', username: 'root', scope: 'host' },
  probes: ['services'],
  hosts: [batchHost(1)],
  ...changes,
});
/** Text that does not shrink much. */
const noise = (index: number) => createHash('sha512').update(String(index)).digest('base64');
const asked = { does: 'ask' } as const;
const errorOf = (work: () => unknown): Error => {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not throw');
};

const outcome = fc.oneof(
  fc.constant(ok),
  fc.constantFrom(...FAILED_REASONS).map(failed),
  fc.constantFrom(...SKIPPED_REASONS).map(skipped),
);
const moref = fc.string({ minLength: 1, maxLength: 20 });
const word = fc.string({ unit: 'binary' });
/** Columns of one length, whose words are there. */
const anyFamily: fc.Arbitrary<ColumnFamily> = fc
  .tuple(fc.string(), fc.array(fc.tuple(fc.nat(), fc.integer(), word, word)), fc.nat(2))
  .map(([metric, points, labels]) => ({
    metric,
    items: points.map(([item]) => item),
    values: points.map(([, value]) => value),
    labels: Array.from({ length: labels }, (_, index) => ({
      words: points.map((point) => (index === 0 ? point[2] : point[3])),
      at: [...points.keys()],
    })),
  }));
const anyResult: fc.Arbitrary<BatchResult> = fc.record({
  version: fc.constant(2 as const),
  target: fc.string(),
  batch: fc.nat(),
  outcomes: fc.array(fc.tuple(moref, outcome)),
  logins: fc.array(
    fc.tuple(
      moref,
      fc.constantFrom<LoginEnd[]>('accepted', 'refused', 'unrecorded', 'presumed', 'presumed-unrecorded'),
    ),
  ),
  pinned: fc.array(moref),
  unconnected: fc.array(moref),
  sshStopped: fc.array(moref),
  nameless: fc.array(moref),
  details: fc.array(fc.tuple(moref, fc.string({ unit: 'binary' }))),
  families: fc.array(anyFamily),
  tooLarge: fc.boolean(),
  collectors: fc.array(fc.record({ name: fc.string(), success: fc.boolean(), durationMs: fc.nat() })),
  warnings: fc.array(fc.record({ text: fc.string(), count: fc.integer({ min: 1, max: 9 }) })),
  measurements: fc.record({
    vcenterCalls: fc.nat(),
    vcenterBytes: fc.nat(),
    failedLogouts: fc.nat(),
    durationMs: fc.nat(),
  }),
});

describe('a batch request', () => {
  it('arrives as it was sent, small and compressed', () => {
    for (const count of [1, 3_000]) {
      const sent = request({ hosts: Array.from({ length: count }, (_, index) => batchHost(index)) });
      expect(decodeBatchRequest(encodeBatchRequest(sent))).toEqual(sent);
    }
    const large = request({ hosts: Array.from({ length: 3_000 }, (_, index) => batchHost(index)) });
    expect(encodeBatchRequest(large).length).toBeLessThan(JSON.stringify(large).length / 5);
  });

  it('of another version, or with a word too many, is refused', () => {
    const send = (changes: object) => Buffer.from(JSON.stringify({ ...request(), ...changes }));
    expect(() => decodeBatchRequest(send({ version: 1 }))).toThrow(BatchError);
    expect(() => decodeBatchRequest(send({ more: 1 }))).toThrow(BatchError);
    expect(() => decodeBatchRequest(send({ hosts: [{ ...batchHost(1), ssh: { skip: 'mood' } }] }))).toThrow(
      /hosts\.0\.ssh/,
    );
  });

  it('is never quoted by the error about it: it holds a ticket', () => {
    const sent = encodeBatchRequest(readRequest({ ticket: TICKET, items: [['HostSystem', 'host-1']] }));
    fc.assert(
      fc.property(
        fc.nat(sent.length - 1),
        fc.integer({ min: 0, max: 255 }),
        fc.nat(sent.length),
        (at, byte, end) => {
          const damaged = Buffer.from(sent);
          damaged[at] = byte;
          for (const bytes of [damaged, sent.subarray(0, end)]) {
            try {
              decodeBatchRequest(bytes);
            } catch (error) {
              expect(error).toBeInstanceOf(BatchError);
              const { message, cause } = error as BatchError;
              expect(message).not.toContain('very-secret');
              expect(cause).toBeUndefined();
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each(['', 'Uptime', 'a b', 'a;reboot', `a${'b'.repeat(32)}`])('names no probe %j', (probe) => {
    expect(() => encodeBatchRequest(request({ probes: [probe] }))).toThrow(BatchError);
    const bytes = Buffer.from(encodeBatchRequest(request()));
    const forged = Buffer.from(bytes.toString().replace('"services"]', `${JSON.stringify(probe)}]`));
    expect(forged).not.toEqual(bytes);
    expect(() => decodeBatchRequest(forged)).toThrow(BatchError);
  });

  it('that names a key of its own is quoted in few words', () => {
    const bytes = Buffer.from(JSON.stringify({ ...request(), ['x'.repeat(100_000)]: 1 }));
    expect(errorOf(() => decodeBatchRequest(bytes)).message.length).toBeLessThan(400);
  });
});

describe('a batch result', () => {
  it('arrives as it was sent', () => {
    fc.assert(
      fc.property(anyResult, (sent) => {
        expect(decodeBatchResult(encodeBatchResult(sent, asked))).toEqual(JSON.parse(JSON.stringify(sent)));
      }),
    );
  });

  it('is not read from bytes that are something else', () => {
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
      fc.json().map((text) => Buffer.from(JSON.stringify({ gzip: gzipSync(text).toString('base64') }))),
      fc.base64String().map((gzip) => Buffer.from(JSON.stringify({ gzip }))),
    );
    fc.assert(
      fc.property(bytes, (one) => {
        expect(() => decodeBatchResult(one)).toThrow(BatchError);
      }),
    );
  });

  it('does not unpack a bomb', () => {
    const gzip = gzipSync(Buffer.alloc(33_000_000)).toString('base64');
    expect(() => decodeBatchResult(Buffer.from(JSON.stringify({ gzip })))).toThrow(BatchError);
  });

  it('is unpacked up to the size of a Lambda answer', () => {
    const at = Array.from({ length: 45_000 }, (_, index) => index);
    const labels = [{ words: at.map(noise), at }];
    const sent = batchResult({ families: [{ metric: 'm', items: at, values: at, labels }] });
    const bytes = encodeBatchResult(sent, asked);
    expect(bytes.length).toBeGreaterThan(4_000_000);
    expect(decodeBatchResult(bytes)).toEqual(sent);
  });

  const large = (): BatchResult => {
    const at = Array.from({ length: 500 }, (_, index) => index);
    return batchResult({
      outcomes: [
        ['host-1', ok],
        ['host-2', failed('unreadable')],
      ],
      logins: [['host-1', 'accepted']],
      families: [{ metric: 'm', items: at, values: at, labels: [{ words: at.map(noise), at }] }],
    });
  };

  it('that is too large loses its points, and keeps outcomes and logins of hosts that were asked', () => {
    const arrived = decodeBatchResult(encodeBatchResult(large(), { does: 'ask', maxBytes: 10_000 }));
    expect(arrived).toEqual({ ...large(), families: [], tooLarge: true });
    expect(() => encodeBatchResult(large(), { does: 'ask', maxBytes: 100 })).toThrow(
      /even without its points/,
    );
  });

  it('that is too large calls items that were read so, because they are read again', () => {
    const arrived = decodeBatchResult(encodeBatchResult(large(), { does: 'read', maxBytes: 10_000 }));
    expect(arrived.outcomes).toEqual([
      ['host-1', failed('result-too-large')],
      ['host-2', failed('unreadable')],
    ]);
  });

  const zeros = (count: number): number[] => Array(count).fill(0);
  const labelled = (words: string[], at: number[]): ColumnFamily => ({
    metric: 'm',
    items: zeros(at.length),
    values: zeros(at.length),
    labels: [{ words, at }],
  });
  const LONG = 'x'.repeat(4_096);
  const packed = (result: BatchResult) =>
    Buffer.from(JSON.stringify({ gzip: gzipSync(JSON.stringify(result)).toString('base64') }));

  it.each<[string, ColumnFamily]>([
    // Each compresses to far less than a result may have.
    ['a decoded size', labelled(Array(8_000).fill(LONG), [...Array(8_000).keys()])],
    ['a number of points', { metric: 'm', items: zeros(1_000_001), values: zeros(1_000_001), labels: [] }],
    ['a number of label characters', labelled([LONG], zeros(15_626))],
  ])('is not encoded with %s that the other side would refuse', (_what, family) => {
    const sent = batchResult({ families: [family] });
    expect(() => decodeBatchResult(packed(sent))).toThrow(BatchError);
    const arrived = decodeBatchResult(encodeBatchResult(sent, asked));
    expect(arrived).toEqual({ ...sent, families: [], tooLarge: true });
  });

  it('keeps points whose labels have as many characters as the other side takes', () => {
    const sent = batchResult({ families: [labelled([LONG], zeros(15_625))] });
    expect(decodeBatchResult(encodeBatchResult(sent, asked))).toEqual(sent);
  });

  it('has labels cut to the length that the other side takes', () => {
    const filling = createColumns();
    const row = { name: 'm', labels: ['why'] } as unknown as MetricRow;
    filling.add(0, row, [{ labels: [`${LONG}y`], value: 1 }]);
    const sent = batchResult({ families: filling.takeFamilies() });
    const arrived = decodeBatchResult(encodeBatchResult(sent, asked));
    expect(arrived.families[0]?.labels).toEqual([{ words: [LONG], at: [0] }]);
  });

  it('has labels that are cut without the text that they are cut from', () => {
    const filling = createColumns();
    const row = { name: 'm', labels: ['why'] } as unknown as MetricRow;
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const heldBytes = () => {
      collectGarbage();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    const before = heldBytes();
    for (let item = 0; item < 40; item++) {
      const text = Buffer.alloc(4 * 2 ** 20, 'x')
        .fill(String(item).padStart(4, '0'), 0, 4)
        .toString('latin1');
      filling.add(item, row, [{ labels: [text], value: 1 }]);
    }
    const held = heldBytes() - before;
    expect(filling.takeFamilies()[0]?.labels[0]?.words.map(({ length }) => length)).toEqual(
      Array.from({ length: 40 }, () => 4_096),
    );
    expect(held).toBeLessThan(80 * 2 ** 20);
  });

  it.each([
    ['a value too few', { values: [1] }],
    ['a label too few', { labels: [{ words: ['a'], at: [0] }] }],
    ['a word that is not there', { labels: [{ words: ['a'], at: [0, 1] }] }],
    ['an item that is no place', { items: [0, -1] }],
    ['a value that is no number', { values: [1, null] }],
  ])('with %s is refused', (_what, changes) => {
    const family = { metric: 'm', items: [0, 1], values: [1, 2], labels: [], ...changes };
    const bytes = Buffer.from(JSON.stringify({ ...batchResult(), families: [family] }));
    expect(() => decodeBatchResult(bytes)).toThrow(BatchError);
  });

  it('of 1,000 items with 80 numbers each takes less than 0.4 MB', () => {
    const item = Array.from({ length: 1_000 }, (_, index) => index);
    const families = Array.from({ length: 80 }, (_, metric) => ({
      metric: `vmware_vm_number_${metric}`,
      items: item,
      values: item.map((index) => ((index * 2_654_435_761 + metric * 40_503) >>> 0) % 10_000),
      labels: [],
    }));
    const outcomes = item.map((index): [string, typeof ok] => [`vm-${index}`, ok]);
    const bytes = encodeBatchResult(batchResult({ outcomes, families }), { does: 'read' });
    expect(bytes.length).toBeLessThan(400_000);
    expect(bytes.length).toBeGreaterThan(100_000);
  });
});

describe('the warnings of a result', () => {
  it('are cut to what the other side takes, where it is encoded', () => {
    const warnings = Array.from({ length: 1_001 }, (_, index) => ({
      text: `${index} `.padEnd(2_001, 'x'),
      count: 1,
    }));
    const { warnings: arrived } = decodeBatchResult(encodeBatchResult(batchResult({ warnings }), asked));
    expect(arrived).toEqual(
      warnings.slice(0, 1_000).map(({ text }) => ({ text: text.slice(0, -1), count: 1 })),
    );
  });
});

describe('a request to read', () => {
  const read = () => readRequest({ ticket: TICKET, items: [['VirtualMachine', 'vm-1']], kind: 'vm' });

  it('arrives as it was sent, and is of a kind that there is', () => {
    expect(decodeBatchRequest(encodeBatchRequest(read()))).toEqual(read());
    const odd = Buffer.from(JSON.stringify({ ...read(), kind: 'toaster' }));
    expect(() => decodeBatchRequest(odd)).toThrow(BatchError);
  });

  it('asks no hosts', () => {
    const both = Buffer.from(JSON.stringify({ ...read(), hosts: [batchHost(1)] }));
    expect(() => decodeBatchRequest(both)).toThrow(BatchError);
  });
});
