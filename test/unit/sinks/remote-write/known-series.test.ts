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

  it('stand in the list as one row for each tuple of label values, and a bit of each metric for each row', () => {
    const rows = (count: number) =>
      Array.from({ length: count }, (_, index) => [String(index % 3), `v${index}`]);
    const family = (name: string, labels: string[], values: string[][]): Family => ({
      definition: { name, help: '', labels },
      samples: values.map((row) => ({ metric: name, labels: row, value: 1 })),
    });
    const families = [
      family('all', ['a', 'b'], rows(10)),
      family('some', ['a', 'b'], [rows(10)[8] ?? [], rows(10)[0] ?? []]),
      family('none', ['a', 'b'], []),
      family('other', ['instance', 'a'], [['of its own', 'x']]),
    ];
    const { list } = indexSeries(families, ADDED);
    expect(list).toEqual({
      tables: [
        {
          labels: ['a', 'b'],
          texts: ['0', 'v0', '1', 'v1', '2', 'v2', 'v3', 'v4', 'v5', 'v6', 'v7', 'v8', 'v9'],
          rows: [
            [0, 1],
            [2, 3],
            [4, 5],
            [0, 6],
            [2, 7],
            [4, 8],
            [0, 9],
            [2, 10],
            [4, 11],
            [0, 12],
          ],
        },
        { labels: ['instance', 'a'], texts: ['i', 'x'], rows: [[0, 1]] },
      ],
      metrics: [
        { name: 'all', table: 0, rows: Buffer.from([0xff, 0x03]).toString('base64') },
        { name: 'some', table: 0, rows: Buffer.from([0x01, 0x01]).toString('base64') },
        { name: 'none', table: 0, rows: '' },
        { name: 'other', table: 1, rows: Buffer.from([0x01]).toString('base64') },
      ],
    });
    // Bits of no row, and bytes behind the last bit, say nothing.
    const longer = {
      ...list,
      metrics: [{ name: 'other', table: 1, rows: Buffer.from([0xff, 0]).toString('base64') }],
    };
    expect(indexSeries([], ADDED).endedSince(longer)).toEqual([
      {
        definition: { name: 'other', help: '', labels: ['instance', 'a'] },
        samples: [{ metric: 'other', labels: ['i', 'x'], value: Number.NaN }],
        isTimed: false,
      },
    ]);
    // A row of fewer bytes than the table has ends none of the rows behind them.
    const first = {
      ...list,
      metrics: [{ name: 'all', table: 0, rows: Buffer.from([0x80]).toString('base64') }],
    };
    expect(namesOf(indexSeries([], ADDED).endedSince(first))).toEqual(['["all",["a","b"],["1","v7"]]']);
  });

  it('are all noted up to the limit, and the smaller tables where one more is there', () => {
    const of = (metric: string, count: number) =>
      Array.from({ length: count }, (_, index): Series => [metric, [`vm-${index}`, '']]);
    const namesWithin = (maxRows: number) => {
      const { list } = indexSeries(familiesOf([...of('m1', 4), ...of('m2', 3)]), ADDED, { maxRows });
      return list.metrics.map(({ name, table }) => [name, list.tables[table]?.rows.length]);
    };
    expect(namesWithin(7)).toEqual([
      ['m1', 4],
      ['m2', 3],
    ]);
    expect(namesWithin(6)).toEqual([['m2', 3]]);
    expect(namesWithin(3)).toEqual([['m2', 3]]);
    expect(namesWithin(2)).toEqual([]);
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
