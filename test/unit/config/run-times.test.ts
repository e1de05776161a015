import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxPollMs, patienceOf, planRunTimes, planTryTimes } from '../../../lib/config/run-times.ts';
import { T0 } from '../sweep/builders.ts';

const SECOND = 1_000;
/** Seconds from the start of a run, to a tenth. */
const secondsOf = (options: { everyMs: number; remainingMs?: number }) => {
  const { start, graceMs: _length, ...times } = planRunTimes({ start: T0, ...options });
  return Object.fromEntries(
    Object.entries(times).map(([name, at]) => [name, Math.round((at - start) / 100) / 10]),
  );
};

describe('planRunTimes', () => {
  it('keeps its order for every interval and whatever time the platform leaves', () => {
    const every = fc.integer({ min: 10 * SECOND, max: 86_400 * SECOND });
    const remaining = fc.option(fc.integer({ min: -100_000, max: 86_400 * SECOND }), { nil: undefined });
    fc.assert(
      fc.property(every, remaining, (everyMs, remainingMs) => {
        const times = planRunTimes({
          start: T0,
          everyMs,
          ...(remainingMs === undefined ? {} : { remainingMs }),
        });
        const inOrder = [
          times.start,
          times.listEnd,
          times.workerEnd,
          times.collectEnd,
          times.runEnd,
          times.leaseEnd,
        ];
        for (const [index, at] of inOrder.entries()) {
          if (index > 0) expect(at).toBeGreaterThan(inOrder[index - 1] ?? 0);
        }
        expect(times.leaseEnd).toBeLessThan(T0 + everyMs);
      }),
    );
  });

  it.each([
    [10, { listEnd: 2.1, workerEnd: 5, collectEnd: 6.3, runEnd: 9, leaseEnd: 9.5 }],
    [60, { listEnd: 14.7, workerEnd: 42, collectEnd: 44, runEnd: 55, leaseEnd: 57.5 }],
    [3_600, { listEnd: 958.7, workerEnd: 2_874, collectEnd: 2_876, runEnd: 3_595, leaseEnd: 3_597.5 }],
  ])('divides an interval of %i s as the design says', (everySeconds, times) => {
    expect(secondsOf({ everyMs: everySeconds * SECOND })).toEqual(times);
  });

  it('leaves Lambda three seconds, when that is less than the interval allows', () => {
    expect(secondsOf({ everyMs: 60 * SECOND, remainingMs: 33 * SECOND })).toMatchObject({
      collectEnd: 21,
      runEnd: 30,
      leaseEnd: 33,
    });
    expect(secondsOf({ everyMs: 60 * SECOND, remainingMs: 900 * SECOND })).toMatchObject({ runEnd: 55 });
  });

  it('gives a stalled process 10 s, and no more than the platform leaves less a second', () => {
    const graceOf = (remainingMs?: number) =>
      planRunTimes({ start: T0, everyMs: 60 * SECOND, ...(remainingMs && { remainingMs }) }).graceMs;
    expect(graceOf()).toBe(10 * SECOND);
    expect(graceOf(900 * SECOND)).toBe(10 * SECOND);
    expect(graceOf(62 * SECOND)).toBe(6 * SECOND);
    expect(graceOf(33 * SECOND)).toBe(2 * SECOND);
    expect(graceOf(1 * SECOND)).toBe(0);
  });
});

describe('a run of one host', () => {
  it('has its time in the same parts, whenever it begins, and no grace', () => {
    expect(planTryTimes({ start: T0, ms: 10_000 })).toEqual({
      start: T0,
      listEnd: T0 + 3_000,
      workerEnd: T0 + 7_500,
      collectEnd: T0 + 9_000,
      runEnd: T0 + 9_600,
      leaseEnd: T0 + 10_000,
      graceMs: 0,
    });
  });

  it.each([
    [10, 1_181],
    [30, 3_544],
    [60, 8_250],
    [600, 30_000],
  ])('may hold the lease of a sweep of every %i s for %i ms, but never for more than 30 s', (every, ms) => {
    expect(Math.round(maxPollMs(every * SECOND))).toBe(ms);
  });

  it('is waited for during three quarters of the listing, and a minute at most', () => {
    expect([4_000, 80_000, 80_001, 1_000_000].map(patienceOf)).toEqual([3_000, 60_000, 60_000, 60_000]);
  });
});
