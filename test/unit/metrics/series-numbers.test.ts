import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSeriesNumbers } from '../../../lib/metrics/series-numbers.ts';

const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', '\0', ',', '\ud800', '\udfff', '\ufffd'), maxLength: 3 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const sample = fc.record({
  metric: fc.constantFrom('a', 'b', 'ab'),
  labels: fc.array(text, { maxLength: 3 }),
});
/** The texts as UTF-8 has them; no two of them run together. */
const keyOf = ({ metric, labels }: { metric: string; labels: readonly string[] }) =>
  JSON.stringify([metric, ...labels].map((one) => Buffer.from(one).toString('hex')));

describe('createSeriesNumbers', () => {
  it('gives two samples one number exactly when they are the same series in UTF-8', () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 40 }), (samples) => {
        const numbers = new Map<string, number>();
        const series = createSeriesNumbers();
        for (const one of samples) {
          const expected = numbers.get(keyOf(one)) ?? numbers.size;
          numbers.set(keyOf(one), expected);
          expect(series.numberOf(one)).toBe(expected);
        }
      }),
    );
  });

  it('keeps series apart that have one hash, as those of nothing but the first text have', () => {
    const series = createSeriesNumbers();
    const all = [[], ['a'], ['a', 'a']].map((labels) => ({ metric: 'a', labels }));
    for (const _again of [1, 2]) expect(all.map((one) => series.numberOf(one))).toEqual([0, 1, 2]);
  });

  it('keeps 100,000 series apart while its tables grow, and knows each again', () => {
    const series = createSeriesNumbers();
    const all = Array.from({ length: 100_000 }, (_, n) => ({
      metric: `m${n % 7}`,
      labels: [`host-${n >> 4}`, `service-${n % 16}`],
    }));
    expect(all.every((one, n) => series.numberOf(one) === n)).toBe(true);
    expect(all.every((one, n) => series.numberOf(one) === n)).toBe(true);
  });
});
