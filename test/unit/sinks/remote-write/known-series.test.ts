import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Family } from '../../../../lib/metrics/family.ts';
import { indexSeries, knownSeries } from '../../../../lib/sinks/remote-write/known-series.ts';

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
  knownSeries.parse(JSON.parse(JSON.stringify(indexSeries(families, maxRows).list)));

const anySeries = fc.uniqueArray(
  fc.tuple(
    fc.constantFrom('m1', 'm2', 'm3'),
    fc.tuple(fc.constantFrom('x', 'y', '', '\uD800'), fc.nat(20).map(String)),
  ),
  { selector: (one) => JSON.stringify(one), maxLength: 60 },
);

describe('the series that a destination has', () => {
  it('are exactly those that a later run does not have, whichever came and went', () => {
    fc.assert(
      fc.property(anySeries, anySeries, (before, after) => {
        const ended = indexSeries(familiesOf(after)).endedSince(stored(familiesOf(before)));
        const there = new Set(namesOf(familiesOf(after)));
        expect(namesOf(ended)).toEqual(namesOf(familiesOf(before)).filter((name) => !there.has(name)));
        for (const { samples } of ended) for (const { value } of samples) expect(value).toBeNaN();
      }),
    );
  });

  it('keep the labels of each object once, however many metrics it has', () => {
    const objects = Array.from({ length: 1_000 }, (_, index) => [`vm-${index}`, 'dc']);
    const families = Array.from({ length: 60 }, (_, metric) =>
      familiesOf(objects.map((labels): Series => [`m${metric}1`, labels])),
    ).flat();
    const { tables, metrics } = indexSeries(families).list;
    expect(tables.map(({ texts, rows }) => [texts.length, rows.length])).toEqual([[1_001, 1_000]]);
    expect(metrics).toHaveLength(60);
  });

  it('are left out by whole tables where they are too many, the largest first', () => {
    const many = Array.from({ length: 10 }, (_, index): Series => ['m1', [`vm-${index}`, '']]);
    const few: Series[] = [['m2', ['x', 'y']]];
    const list = stored(familiesOf([...many, ...few]), 5);
    expect(namesOf(indexSeries([]).endedSince(list))).toEqual(namesOf(familiesOf(few)));
    // Those of a run that has too many are no reason to call ended what is there.
    const before = stored(familiesOf([...many.slice(0, 4), ['m1', ['gone', '']]]));
    expect(namesOf(indexSeries(familiesOf(many), 5).endedSince(before))).toEqual(
      namesOf(familiesOf([['m1', ['gone', '']]])),
    );
  });

  it('are none where a list is of another version or damaged, as far as it is', () => {
    const list = {
      tables: [{ labels: ['a'], texts: ['x'], rows: [[7]] }],
      metrics: [{ name: 'm', table: 3, rows: '/w==' }],
    };
    expect(indexSeries([]).endedSince(knownSeries.parse(list))).toEqual([]);
    expect(knownSeries.safeParse({ tables: [] }).success).toBe(false);
  });
});
