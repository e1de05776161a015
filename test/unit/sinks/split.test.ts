import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Family } from '../../../lib/metrics/family.ts';
import { partsOf, splitFamilies, splitFor } from '../../../lib/sinks/pushgateway/split.ts';

const powerOfTwo = fc.integer({ min: 0, max: 6 }).map((n) => 2 ** n);

describe('splitFor', () => {
  it('keeps every group at or below the size on average, in as few groups as a quarter of it allows', () => {
    fc.assert(
      fc.property(fc.nat(100_000), powerOfTwo, fc.integer({ min: 1, max: 1_000 }), (series, before, size) => {
        const split = splitFor(series, before, size);
        expect(series).toBeLessThanOrEqual(split * size);
        if (split > 1) expect(series * 4).toBeGreaterThanOrEqual(split * size);
        expect(Math.log2(split) % 1).toBe(0);
      }),
    );
  });

  it('stays while the number of series is between a quarter of what it has room for and all of it', () => {
    fc.assert(
      fc.property(powerOfTwo, fc.double({ min: 0.25, max: 1, noNaN: true }), (split, share) => {
        expect(splitFor(Math.floor(split * 100 * share), split, 100)).toBe(split);
      }),
    );
  });
});

const text = fc.string({ unit: fc.constantFrom('a', 'b', ''), maxLength: 3 });
const families: fc.Arbitrary<Family[]> = fc
  .array(
    fc.record({
      labels: fc.uniqueArray(fc.constantFrom('host', 'service', 'site'), { minLength: 1 }),
      rows: fc.array(fc.array(text, { minLength: 3, maxLength: 3 }), { maxLength: 30 }),
    }),
    { maxLength: 4 },
  )
  .map((made) =>
    made.map(({ labels, rows }, index) => ({
      definition: { name: `m${index}`, help: 'x', labels },
      samples: rows.map((row, value) => ({
        metric: `m${index}`,
        labels: row.slice(0, labels.length),
        value,
      })),
    })),
  );

const labelsOf = ({ labels }: Family['definition'], values: readonly string[]) =>
  JSON.stringify(
    labels
      .map((label, at) => [label, values[at] ?? ''])
      .filter(([, value]) => value !== '')
      .sort(),
  );
const flat = (parts: readonly (readonly Family[])[]) =>
  parts.flatMap((part, index) =>
    part.flatMap(({ definition, samples }) =>
      Array.from(samples, (sample) => ({ sample, part: index, labels: labelsOf(definition, sample.labels) })),
    ),
  );

describe('splitFamilies', () => {
  it('loses and repeats no sample, and keeps series with equal labels together, of whatever metric', () => {
    fc.assert(
      fc.property(families, powerOfTwo, (made, split) => {
        const parts = splitFamilies(made, split);
        expect(parts).toHaveLength(partsOf(split).length);
        const samples = flat(parts);
        const all = made.flatMap((family) => [...family.samples]);
        expect(new Set(samples.map(({ sample }) => sample))).toEqual(new Set(all));
        expect(samples).toHaveLength(all.length);
        const partByLabels = new Map(samples.map(({ labels, part }) => [labels, part]));
        for (const { labels, part } of samples) expect(part).toBe(partByLabels.get(labels));
      }),
    );
  });

  it('leaves a sample in its part, or moves it to one new part, when the split doubles', () => {
    fc.assert(
      fc.property(families, powerOfTwo, (made, split) => {
        const before = new Map(flat(splitFamilies(made, split)).map(({ sample, part }) => [sample, part]));
        for (const { sample, part } of flat(splitFamilies(made, split * 2))) {
          expect([before.get(sample), (before.get(sample) ?? 0) + split]).toContain(part);
        }
      }),
    );
  });

  it('sends a sample where it would go alone, whatever stands before it', () => {
    fc.assert(
      fc.property(families, powerOfTwo, (made, split) => {
        for (const { sample, part } of flat(splitFamilies(made, split))) {
          const definition = made.find(({ definition: { name } }) => name === sample.metric)?.definition;
          const alone = definition === undefined ? [] : [{ definition, samples: [sample] }];
          expect(flat(splitFamilies(alone, split))).toMatchObject([{ part }]);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('divides 40,000 series of a fleet about evenly', () => {
    const samples = Array.from({ length: 40_000 }, (_, n) => ({
      metric: 'm',
      labels: [`esx${n >> 4}.example.org`, `service-${n % 16}`],
      value: 1,
    }));
    const made = [{ definition: { name: 'm', help: 'x', labels: ['host', 'service'] }, samples }];
    const sizes = splitFamilies(made, 8).map(([family]) => family?.samples.length ?? 0);
    expect(Math.max(...sizes)).toBeLessThan(5_000 * 1.1);
  });

  // These two hosts stay where they are for ever: what moves breaks `rate` and alerts once.
  it('sends known series where earlier versions sent them', () => {
    const samples = ['esx1', 'esx2', 'esx3', 'esx4'].map((host) => ({
      metric: 'm',
      labels: [host],
      value: 1,
    }));
    const parts = splitFamilies(
      [{ definition: { name: 'm', help: 'x', labels: ['hostsystem'] }, samples }],
      4,
    );
    expect(
      parts.map(([family]) => family && Array.from(family.samples, ({ labels }) => labels[0])),
    ).toMatchInlineSnapshot(`
      [
        [
          "esx2",
        ],
        [
          "esx3",
        ],
        undefined,
        [
          "esx1",
          "esx4",
        ],
      ]
    `);
  });
});
