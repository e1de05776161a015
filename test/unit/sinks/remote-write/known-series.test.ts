import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Family } from '../../../../lib/metrics/family.ts';
import { indexSeries, knownSeries } from '../../../../lib/sinks/remote-write/known-series.ts';
import { createLabelWriters } from '../../../../lib/sinks/remote-write/label-writer.ts';

const ADDED = { group: { job: 'j', instance: 'i' }, external: { c: 'x' } };

type Series = readonly [metric: string, labels: readonly string[]];

/** Metrics that end in 2 have the label names of others in another order. */
const LABELS = ['a', 'b'];
const familiesOf = (series: readonly Series[]): Family[] =>
  Array.from(
    Map.groupBy(series, ([metric]) => metric),
    ([metric, own]) => ({
      definition: { name: metric, help: '', labels: metric.endsWith('2') ? ['c', ...LABELS] : LABELS },
      samples: own.map(([, labels], value) => ({
        metric,
        labels: metric.endsWith('2') ? ['', ...labels] : labels,
        value,
      })),
    }),
  );
const namesOf = (families: readonly Family[]) =>
  families
    .flatMap(({ definition, samples }) =>
      Array.from(samples, ({ labels }) => JSON.stringify([definition.name, definition.labels, labels])),
    )
    .sort();
/** As the state gives it back. */
const stored = (families: readonly Family[], maxRows?: number) =>
  knownSeries.parse(
    JSON.parse(JSON.stringify(indexSeries(families, ADDED, maxRows === undefined ? {} : { maxRows }).list)),
  );

const anySeries = fc.uniqueArray(
  fc.tuple(
    fc.constantFrom('m1', 'm2', 'm3'),
    fc.tuple(fc.constantFrom('x', 'y', '', '\uD800'), fc.nat(20).map(String)),
  ),
  { selector: (one) => JSON.stringify(one), maxLength: 60 },
);

/** As requests have them. */
const writtenOf = (families: readonly Family[]): string[] => {
  const writerOf = createLabelWriters(ADDED);
  const written = families.flatMap((family) => {
    const { print } = writerOf(family);
    return Array.from(family.samples, ({ labels }) => print(labels));
  });
  return [...new Set(written)].sort();
};
/** Families with other label names, or in another order, from one run to the next; some are those that are added. */
const anyFamilies = fc.uniqueArray(
  fc
    .tuple(
      fc.constantFrom('m1', 'm2'),
      fc.shuffledSubarray(['a', 'b', 'c', 'instance'], { minLength: 1 }),
      fc.array(fc.array(fc.constantFrom('', 'x', 'i'), { minLength: 4, maxLength: 4 }), { maxLength: 12 }),
    )
    .map(
      ([name, labels, rows]): Family => ({
        definition: { name, help: '', labels },
        samples: rows.map((row) => ({ metric: name, labels: row.slice(0, labels.length), value: 1 })),
      }),
    ),
  { selector: ({ definition }) => definition.name },
);

describe('the series that a destination has', () => {
  it('are exactly those that a later run does not have, whichever came and went', () => {
    fc.assert(
      fc.property(anySeries, anySeries, (before, after) => {
        const ended = indexSeries(familiesOf(after), ADDED).endedSince(stored(familiesOf(before)));
        const there = new Set(namesOf(familiesOf(after)));
        expect(namesOf(ended)).toEqual(namesOf(familiesOf(before)).filter((name) => !there.has(name)));
        for (const { samples } of ended) for (const { value } of samples) expect(value).toBeNaN();
      }),
    );
  });

  it('are compared as requests have them: sorted, without empty labels, with those that are added', () => {
    fc.assert(
      fc.property(anyFamilies, anyFamilies, (before, after) => {
        const there = new Set(writtenOf(after));
        const ended = writtenOf(indexSeries(after, ADDED).endedSince(stored(before)));
        expect(ended).toEqual(writtenOf(before).filter((name) => !there.has(name)));
      }),
    );
  });

  it('keep the labels of each object once, however many metrics it has', () => {
    const objects = Array.from({ length: 1_000 }, (_, index) => [`vm-${index}`, 'dc']);
    const families = Array.from({ length: 60 }, (_, metric) =>
      familiesOf(objects.map((labels): Series => [`m${metric}1`, labels])),
    ).flat();
    const { tables, metrics } = indexSeries(families, ADDED).list;
    expect(tables.map(({ texts, rows }) => [texts.length, rows.length])).toEqual([[1_001, 1_000]]);
    expect(metrics).toHaveLength(60);
  });

  it('are left out by whole tables where they are too many, the largest first', () => {
    const many = Array.from({ length: 10 }, (_, index): Series => ['m1', [`vm-${index}`, '']]);
    const few: Series[] = [['m2', ['x', 'y']]];
    const list = stored(familiesOf([...many, ...few]), 5);
    expect(namesOf(indexSeries([], ADDED).endedSince(list))).toEqual(namesOf(familiesOf(few)));
    // Those of a run that has too many are no reason to call ended what is there.
    const before = stored(familiesOf([...many.slice(0, 4), ['m1', ['gone', '']]]));
    expect(namesOf(indexSeries(familiesOf(many), ADDED, { maxRows: 5 }).endedSince(before))).toEqual(
      namesOf(familiesOf([['m1', ['gone', '']]])),
    );
  });

  it('are none where a list is of another version or damaged, as far as it is', () => {
    const list = {
      tables: [{ labels: ['a'], texts: ['x'], rows: [[7]] }],
      metrics: [{ name: 'm', table: 3, rows: '/w==' }],
    };
    expect(indexSeries([], ADDED).endedSince(knownSeries.parse(list))).toEqual([]);
    expect(knownSeries.safeParse({ tables: [] }).success).toBe(false);
  });
});
