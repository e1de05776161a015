import { describe, expect, it } from 'vitest';
import type { MetricRow } from '../../../lib/catalogue/row.ts';
import {
  areTooMany,
  type ColumnFamily,
  charactersOf,
  columns,
  createColumns,
  labelsAt,
  MAX_POINTS,
  timeAt,
} from '../../../lib/sweep/columns.ts';

const row = (name: string, labels: readonly string[] = []) => ({ name, labels }) as unknown as MetricRow;
const many = <T>(count: number, one: T): T[] => Array<T>(count).fill(one);
const family = (changes: object = {}): ColumnFamily => ({
  metric: 'm',
  items: [0, 1],
  values: [1, 2],
  labels: [],
  ...changes,
});
const faultOf = (families: unknown): string | undefined =>
  columns.safeParse(families).error?.issues[0]?.message;

describe('columns that are filled', () => {
  it('have each word of a label once, a family for each metric in the order of their first points, and are empty when taken', () => {
    const filling = createColumns();
    filling.add(3, row('a', ['x', 'y']), [
      { labels: ['one', 'two'], value: 1 },
      { labels: ['two', 'two'], value: 2 },
    ]);
    filling.add(4, row('b'), [{ labels: [], value: 3 }]);
    filling.add(5, row('a', ['x', 'y']), [{ labels: ['one'], value: 4 }]);
    expect(filling.takeFamilies()).toEqual([
      {
        metric: 'a',
        items: [3, 3, 5],
        values: [1, 2, 4],
        labels: [
          { words: ['one', 'two'], at: [0, 1, 0] },
          { words: ['two', ''], at: [0, 0, 1] },
        ],
      },
      { metric: 'b', items: [4], values: [3], labels: [] },
    ]);
    expect(filling.takeFamilies()).toEqual([]);
  });

  it('have times from the first point with one, 0 for each point without', () => {
    const filling = createColumns();
    filling.add(0, row('m'), [
      { labels: [], value: 1 },
      { labels: [], value: 2, timeMs: 7 },
      { labels: [], value: 3 },
    ]);
    const [made] = filling.takeFamilies();
    expect(made).toEqual({ metric: 'm', items: [0, 0, 0], values: [1, 2, 3], times: [0, 7, 0], labels: [] });
    expect([0, 1, 2].map((index) => timeAt(made as ColumnFamily, index))).toEqual([undefined, 7, undefined]);
    expect(timeAt(family(), 0)).toBeUndefined();
  });

  it('keep a label of 4,096 characters, and cut a longer one', () => {
    const filling = createColumns();
    const word = 'é'.repeat(4_096);
    filling.add(0, row('m', ['x']), [
      { labels: [word], value: 1 },
      { labels: [`${word}z`], value: 1 },
    ]);
    expect(filling.takeFamilies()[0]?.labels).toEqual([{ words: [word], at: [0, 0] }]);
  });

  it('are too many by their points or by the characters of their labels, with one more than the other side takes', () => {
    const filling = createColumns();
    const words = row('m', ['x']);
    const long = 'x'.repeat(4_000);
    filling.add(0, words, many(16_000, { labels: [long], value: 0 }));
    expect(filling.areTooMany()).toBe(false);
    filling.add(0, words, [{ labels: ['y'], value: 0 }]);
    expect(filling.areTooMany()).toBe(true);
    const points = createColumns();
    points.add(0, row('m'), many(MAX_POINTS, { labels: [], value: 0 }));
    points.add(0, row('other'), [{ labels: [], value: 0 }]);
    expect(points.areTooMany()).toBe(false);
    points.add(0, row('m'), [{ labels: [], value: 0 }]);
    expect(points.areTooMany()).toBe(true);
  });

  it('are counted by the characters of all labels of all points', () => {
    const labels = [
      { words: ['abc', 'de'], at: [0, 1] },
      { words: ['f'], at: [0, 0] },
    ];
    expect(
      charactersOf([family({ labels }), family({ labels: [{ words: ['gh'], at: [0, 0] }] }), family()]),
    ).toBe(11);
    // Only their number counts.
    const itemsOf = (length: number) => family({ items: Object.assign([], { length }) });
    const full = itemsOf(MAX_POINTS);
    expect([
      areTooMany([family()]),
      areTooMany([full]),
      areTooMany([family(), itemsOf(MAX_POINTS + 1)]),
    ]).toEqual([false, false, true]);
  });

  it('give the labels of a point in the order of the row', () => {
    const labels = [
      { words: ['abc', 'de'], at: [0, 1] },
      { words: ['f', 'g'], at: [1, 0] },
    ];
    expect([0, 1].map((index) => labelsAt(family({ labels }), index))).toEqual([
      ['abc', 'g'],
      ['de', 'f'],
    ]);
    expect(labelsAt(family(), 0)).toEqual([]);
  });
});

const UNEVEN = 'columns of different lengths, or a word that is not there';
const label = (words: unknown, at: unknown) => ({ labels: [{ words, at }] });

describe('columns that somebody sent', () => {
  it.each<[string, unknown]>([
    ['none', []],
    ['no points', [family({ items: [], values: [] })]],
    ['times', [family({ times: [0, 1] })]],
    ['values below 0', [family({ values: [-1.5, 0] })]],
    ['32 labels', [family({ labels: many(32, { words: ['a'], at: [0, 0] }) })]],
    ['a metric of 4,096 characters', [family({ metric: 'm'.repeat(4_096) })]],
    ['a word of 4,096 characters', [family(label(['w'.repeat(4_096)], [0, 0]))]],
    ['10,000 families', many(10_000, family({ items: [], values: [] }))],
  ])('are taken with %s', (_what, families) => {
    expect(faultOf(families)).toBeUndefined();
  });

  it.each<[string, unknown, string | RegExp]>([
    ['a place below 0', [family({ items: [-1, 0] })], 'no places of points'],
    ['a place that is no whole number', [family({ items: [0.5, 0] })], 'no places of points'],
    ['places that are no list', [family({ items: '01' })], 'no places of points'],
    ['a value that is no number', [family({ values: [1, '2'] })], 'no values of points'],
    ['a value without an end', [family({ values: [1, Number.POSITIVE_INFINITY] })], 'no values of points'],
    ['values that are no list', [family({ values: { length: 2 } })], 'no values of points'],
    ['a time below 0', [family({ times: [-1, 0] })], 'no times of points'],
    ['a time too few', [family({ times: [0] })], UNEVEN],
    ['a value too few', [family({ values: [0] })], UNEVEN],
    ['a value too many', [family({ values: [0, 1, 2] })], UNEVEN],
    ['a label too few', [family(label(['a'], [0]))], UNEVEN],
    ['a word that is not there', [family(label(['a'], [0, 1]))], UNEVEN],
    [
      'a word too many that is not there',
      [
        family({
          labels: [
            { words: ['a'], at: [0, 0] },
            { words: [], at: [0, 0] },
          ],
        }),
      ],
      UNEVEN,
    ],
    ['a word that is no place', [family(label(['a'], [0, -1]))], 'no places of points'],
    ['a word that is no text', [family(label([1], [0, 0]))], /expected string/],
    ['33 labels', [family({ labels: many(33, { words: ['a'], at: [0, 0] }) })], /<=32 items/],
    ['a metric of 4,097 characters', [family({ metric: 'm'.repeat(4_097) })], /<=4096 characters/],
    ['a word of 4,097 characters', [family(label(['w'.repeat(4_097)], [0, 0]))], /<=4096 characters/],
    ['10,001 families', many(10_001, family({ items: [], values: [] })), /<=10000 items/],
    ['a key too many', [family({ more: 1 })], /Unrecognized key/],
    [
      'a key of a label too many',
      [family({ labels: [{ words: ['a'], at: [0, 0], more: 1 }] })],
      /Unrecognized key/,
    ],
    [
      'labels of too many characters',
      [
        family({
          items: many(16_001, 0),
          values: many(16_001, 0),
          ...label(['x'.repeat(4_000)], many(16_001, 0)),
        }),
      ],
      'labels of too many characters',
    ],
  ])('are refused with %s', (_what, families, fault) => {
    expect(faultOf(families)).toEqual(typeof fault === 'string' ? fault : expect.stringMatching(fault));
  });
});
