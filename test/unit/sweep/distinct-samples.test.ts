import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { definitionOf, type MetricRow } from '../../../lib/catalogue/row.ts';
import { derived } from '../../../lib/catalogue/sources/property.ts';
import { collector } from '../../../lib/collectors/collector.ts';
import type { Item } from '../../../lib/inventory/kind.ts';
import { distinctFamilies } from '../../../lib/metrics/distinct-families.ts';
import type { MetricSamples } from '../../../lib/metrics/sourced-samples.ts';
import { EMPTY_RESULT } from '../../../lib/sweep/batch.ts';
import type { ColumnFamily } from '../../../lib/sweep/columns.ts';
import { ok } from '../../../lib/sweep/outcome.ts';
import { arePointsDistinct } from '../../../lib/sweep/result/distinct-points.ts';
import { nameItems } from '../../../lib/sweep/result/named-items.ts';
import { samplesOf } from '../../../lib/sweep/result/samples.ts';

const row = (labels: readonly string[]): MetricRow => ({
  name: 'vmware_vm_disk_bytes',
  help: 'Size of a disk, in bytes',
  unit: 'bytes',
  kind: 'vm',
  source: derived(['name'], () => ({ points: [], warnings: [] })),
  labels,
  preset: 'vmware_exporter',
  privilege: 'System.Read',
  since: '6.5',
});

const ROWS = [row([]), row(['disk']), row(['disk', 'mode'])];

/** Two halves of a pair are one character in UTF-8 each, and the same one. */
const word = fc.constantFrom('a', 'b', '', '\ud800', '\udc00');
/** As a worker may send it: of any items, in any order, a word maybe twice. */
const familyOf = (one: MetricRow, items: number): fc.Arbitrary<ColumnFamily> =>
  fc
    .tuple(
      fc.array(fc.nat(items - 1), { maxLength: 4 }),
      fc.array(fc.array(word, { minLength: 1, maxLength: 3 }), {
        minLength: one.labels.length,
        maxLength: one.labels.length,
      }),
      fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
      fc.option(fc.array(fc.constantFrom(0, 20_000, 40_000), { minLength: 4, maxLength: 4 }), {
        nil: undefined,
      }),
    )
    .map(([places, dictionaries, picks, times]) => ({
      metric: one.name,
      items: places,
      values: places.map((_, index) => index),
      ...(times === undefined ? {} : { times: times.slice(0, places.length) }),
      labels: dictionaries.map((words, column) => ({
        words,
        at: places.map((_, index) => (picks[index * 2 + column] ?? 0) % words.length),
      })),
    }));

const textsOf = ({ items, times, labels }: ColumnFamily): string[] =>
  items.map((item, index) =>
    JSON.stringify([
      item,
      times?.[index],
      ...labels.map(({ words, at }) => words[at[index] ?? 0]?.toWellFormed()),
    ]),
  );
const hasTwins = (texts: readonly string[]): boolean => new Set(texts).size < texts.length;

describe('points of a family', () => {
  it('are called distinct only where no two of one item have the same labels', () => {
    const family = fc.constantFrom(...ROWS).chain((one) => familyOf(one, 3));
    fc.assert(
      fc.property(family, (made) => {
        if (arePointsDistinct(made, 3)) expect(hasTwins(textsOf(made))).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('are called distinct where each item has a label once', () => {
    const labels = [{ words: ['a', 'b'], at: [0, 1, 0] }];
    expect(arePointsDistinct({ metric: 'x', items: [0, 0, 1], values: [1, 2, 3], labels }, 2)).toBe(true);
  });

  it('are called distinct where an item has a label once at each time', () => {
    const labels = [{ words: ['a'], at: [0, 0] }];
    const family = { metric: 'x', items: [0, 0], values: [1, 2], labels };
    expect(arePointsDistinct({ ...family, times: [20_000, 40_000] }, 1)).toBe(true);
    expect(arePointsDistinct({ ...family, times: [20_000, 20_000] }, 1)).toBe(false);
    expect(arePointsDistinct(family, 1)).toBe(false);
  });

  it('are not called distinct when a worker sends more labels than can be marked', () => {
    const words = Array.from({ length: 10_000 }, (_, index) => `${index}`);
    const labels = [
      { words, at: [0] },
      { words, at: [0] },
    ];
    expect(arePointsDistinct({ metric: 'x', items: [0], values: [1], labels }, 1)).toBe(false);
  });
});

const machines = fc.array(fc.constantFrom('web1', 'web2', 'web3', 'web4', 'web\ud800', 'web\udc00'), {
  minLength: 1,
  maxLength: 4,
});

const itemOf = (name: string, index: number): Item => ({ moref: `vm-${index}`, name, facts: {} });

/** Two batches with all items, one of which may be in both, or twice in one. */
const target = fc.tuple(fc.constantFrom(...ROWS), machines).chain(([one, names]) => {
  const where = fc.constantFrom([0], [0], [1], [1], [0, 1], [1, 1]);
  return fc.array(where, { minLength: names.length, maxLength: names.length }).chain((inBatches) => {
    const batches = [0, 1].map((batch) => {
      const morefs = inBatches.flatMap((of, index) =>
        of.filter((at) => at === batch).map(() => `vm-${index}`),
      );
      const family = morefs.length === 0 ? fc.constant(emptyFamily(one)) : familyOf(one, morefs.length);
      return family.map((made) => ({ morefs, family: made }));
    });
    return fc.tuple(...batches).map((made) => ({ one, items: names.map(itemOf), batches: made }));
  });
});

const emptyFamily = ({ name, labels }: MetricRow): ColumnFamily => ({
  metric: name,
  items: [],
  values: [],
  labels: labels.map(() => ({ words: [], at: [] })),
});

type Made = typeof target extends fc.Arbitrary<infer Value> ? Value : never;

function samplesIn({ one, items, batches }: Made) {
  const named = nameItems(
    { name: 'vc1', site: 's' },
    { hosts: [], listed: [], others: new Map([['vm', { items }]]) },
  );
  const settled = batches.map(({ morefs, family }) => ({
    does: 'read' as const,
    kind: 'vm' as const,
    morefs,
    result: {
      status: 'fulfilled' as const,
      value: {
        ...EMPTY_RESULT,
        target: 'vc1',
        batch: 0,
        outcomes: morefs.map((moref): [string, typeof ok] => [moref, ok]),
        families: [family],
      },
    },
  }));
  return samplesOf(settled, { collectors: [collector('disks', [one])], named, presets: undefined }).samples;
}

describe('samples of which batches know that they are distinct', () => {
  it('are what the search for equal series finds, whatever workers send and objects are called', () => {
    fc.assert(
      fc.property(target, (made) => {
        const { byMetric } = samplesIn(made);
        const looked = new Map(
          Array.from(byMetric, ([metric, samples]): [string, MetricSamples] => [metric, [...samples]]),
        );
        const definitions = [definitionOf(made.one)];
        const print = (found: ReturnType<typeof distinctFamilies>) => ({
          ...found,
          families: found.families.map(({ samples, sources, ...family }) => ({
            ...family,
            samples: [...samples],
            sources: sources && [...sources],
          })),
        });
        expect(print(distinctFamilies(definitions, { byMetric }))).toEqual(
          print(distinctFamilies(definitions, { byMetric: looked })),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('are known to be so when no item is in two batches and no two are named alike', () => {
    const one = row(['disk']);
    const batches = ['vm-0', 'vm-1'].map((moref) => ({
      morefs: [moref],
      family: {
        metric: one.name,
        items: [0, 0],
        values: [1, 2],
        labels: [{ words: ['a', 'b'], at: [0, 1] }],
      },
    }));
    const samples = samplesIn({ one, items: ['web1', 'web2'].map(itemOf), batches }).byMetric.get(one.name);
    expect([samples?.areDistinct, samples?.length]).toEqual([true, 4]);
  });

  it('are not known to be so when a label may get the name of another item', () => {
    const one = { ...row(['disk']), references: { disk: { kind: 'vm', by: 'moref' } } } as const;
    const labels = [{ words: ['vm-0', 'web1'], at: [0, 1] }];
    const family = { metric: one.name, items: [0, 0], values: [1, 2], labels };
    const made = { one, items: [itemOf('web1', 0)], batches: [{ morefs: ['vm-0'], family }] };
    const { byMetric } = samplesIn(made);
    expect(distinctFamilies([definitionOf(one)], { byMetric }).dropped).toBe(1);
  });
});
