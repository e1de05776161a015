import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoginEnd } from '../../../lib/logins/asked-batch.ts';
import {
  type BatchRequest,
  type BatchResult,
  decodeBatchRequest,
  decodeBatchResult,
  encodeBatchRequest,
  encodeBatchResult,
} from '../../../lib/sweep/batch.ts';
import { BatchError } from '../../../lib/sweep/errors.ts';
import { FAILED_REASONS, failed, ok, SKIPPED_REASONS, skipped } from '../../../lib/sweep/outcome.ts';
import { batchHost, batchResult, T0 } from './builders.ts';

const TICKET = 'cst-VCT-52fd0d7c-very-secret';
const request = (changes: Partial<BatchRequest> = {}): BatchRequest => ({
  version: 2,
  runId: 'run',
  sweep: 'services',
  target: 'vc01',
  batch: 0,
  endsAt: T0,
  vcenter: { ticket: TICKET },
  credential: { id: 'env:ESXI', version: 'v1', username: 'root', scope: 'host' },
  hosts: [batchHost(1)],
  ...changes,
});
/** Text that does not shrink much. */
const noise = (index: number) => createHash('sha512').update(String(index)).digest('base64');
const none = { fromVcenter: () => false };
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
const anyResult: fc.Arbitrary<BatchResult> = fc.record({
  version: fc.constant(2 as const),
  target: fc.string(),
  batch: fc.nat(),
  outcomes: fc.array(fc.tuple(moref, outcome, fc.option(outcome))),
  logins: fc.array(
    fc.tuple(
      moref,
      fc.constantFrom<LoginEnd[]>('accepted', 'refused', 'unrecorded', 'presumed', 'presumed-unrecorded'),
    ),
  ),
  pinned: fc.array(moref),
  details: fc.array(
    fc.tuple(moref, fc.constantFrom('vcenter' as const, 'ssh' as const), fc.string({ unit: 'binary' })),
  ),
  families: fc.array(
    fc.record({
      metric: fc.string(),
      labels: fc.array(fc.string(), { maxLength: 3 }),
      rows: fc.array(
        fc.tuple(moref, fc.array(fc.string({ unit: 'binary' }), { maxLength: 3 }), fc.integer()),
      ),
    }),
  ),
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
    const sent = encodeBatchRequest(request());
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

  it('that names a key of its own is quoted in few words', () => {
    const bytes = Buffer.from(JSON.stringify({ ...request(), ['x'.repeat(100_000)]: 1 }));
    expect(errorOf(() => decodeBatchRequest(bytes)).message.length).toBeLessThan(400);
  });
});

describe('a batch result', () => {
  it('arrives as it was sent', () => {
    fc.assert(
      fc.property(anyResult, (sent) => {
        expect(decodeBatchResult(encodeBatchResult(sent, none))).toEqual(JSON.parse(JSON.stringify(sent)));
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
    const gzip = gzipSync(Buffer.alloc(210_000_000)).toString('base64');
    expect(() => decodeBatchResult(Buffer.from(JSON.stringify({ gzip })))).toThrow(BatchError);
  });

  it('is unpacked up to the size of a Lambda answer', () => {
    const rows = Array.from({ length: 45_000 }, (_, index): [string, string[], number] => [
      `host-${index}`,
      [noise(index)],
      index,
    ]);
    const sent = batchResult({ families: [{ metric: 'm', labels: ['l'], rows }] });
    const bytes = encodeBatchResult(sent, none);
    expect(bytes.length).toBeGreaterThan(4_000_000);
    expect(decodeBatchResult(bytes)).toEqual(sent);
  });

  it('that is too large keeps every outcome and what came by ssh, and drops what came from vCenter', () => {
    const big = {
      metric: 'from_vcenter',
      labels: ['l'],
      rows: Array.from({ length: 500 }, (_, index): [string, string[], number] => [
        'host-1',
        [noise(index)],
        1,
      ]),
    };
    const small = { metric: 'from_ssh', labels: [], rows: [['host-1', [], 1] as [string, string[], number]] };
    const sent = batchResult({
      outcomes: [
        ['host-1', ok, ok],
        ['host-2', failed('unreadable'), failed('auth')],
      ],
      families: [big, small],
    });
    const fromVcenter = (metric: string) => metric === 'from_vcenter';
    const arrived = decodeBatchResult(encodeBatchResult(sent, { fromVcenter, maxBytes: 10_000 }));
    expect(arrived.families).toEqual([small]);
    expect(arrived.outcomes).toEqual([
      ['host-1', failed('result-too-large'), ok],
      ['host-2', failed('unreadable'), failed('auth')],
    ]);
    expect(() => encodeBatchResult(sent, { fromVcenter, maxBytes: 100 })).toThrow(/fewer services/);
  });
});
