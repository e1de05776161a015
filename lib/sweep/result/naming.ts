import { baseLabelsOf, hasMoid, type LabelOptions, type NamedItem } from '../../catalogue/presets.ts';
import { kindsOf, type LabelReference, type MetricRow } from '../../catalogue/row.ts';
import type { KindName } from '../../inventory/kind.ts';
import { type List, listOf } from '../../metrics/list.ts';
import { createSeriesNumbers } from '../../metrics/series-numbers.ts';
import type { SourcedSample } from '../../metrics/sourced-samples.ts';
import { type ColumnFamily, timeAt } from '../columns.ts';
import type { NamedItems } from './named-items.ts';

/** Makes the samples of a row. */
export interface RowNaming {
  /** That of one point; undefined for an item that nobody listed. */
  ofPoint(moref: string, labels: readonly string[], value: number): SourcedSample | undefined;
  /** Those of columns whose items are at some places of `morefs`; only those of items that were listed may be asked for. */
  ofFamily(family: ColumnFamily, morefs: Morefs): List<SourcedSample>;
  /** Whether no two items of the row's kind have the same names. */
  areItemsApart(): boolean;
}

type Morefs = readonly (string | undefined)[];
export type Naming = (row: MetricRow) => RowNaming;

/**
 * Names the points of rows: which labels name an item is found once a row, and their values are made once an item and set
 * of labels, because an inventory has hundreds of thousands of points.
 */
export function createNaming(named: NamedItems, options: LabelOptions = {}): Naming {
  const bySet = new Map<string, ReturnType<typeof createNames>>();
  return (row) => {
    const { kind, preset, without = [], references, name: metric } = row;
    const withMoid = hasMoid(preset, options);
    const base = baseLabelsOf(row);
    const namesOf = (moref: string): readonly string[] | undefined => {
      const item = named.find(kind, moref);
      return item && [...base.map(([, print]) => print(item)), ...(withMoid ? [moref] : [])];
    };
    const set = `${kind} ${preset} ${without.join(' ')}`;
    const names = bySet.get(set) ?? createNames(namesOf, () => named.all(kind) ?? []);
    bySet.set(set, names);
    const print = references && resolve(row.labels, references, named);
    return {
      ofPoint(moref, labels, value) {
        const found = names.of(moref);
        const own = print === undefined ? labels : labels.map(print);
        return found && { moref, sample: { metric, labels: [...found, ...own], value } };
      },
      ofFamily: (family, morefs) => {
        const { items, values, labels } = family;
        const own = labels.map(({ words, at }, label) => ({
          words: print === undefined ? words : words.map((word) => print(word, label)),
          at,
        }));
        const namesAt = names.ofAll(morefs);
        return listOf(items.length, (index) => {
          const place = items[index] as number;
          const labels = labelsOf(namesAt[place] as readonly string[], own, index);
          const value = values[index] as number;
          const timeMs = timeAt(family, index);
          return {
            moref: morefs[place] as string,
            sample: timeMs === undefined ? { metric, labels, value } : { metric, labels, value, timeMs },
          };
        });
      },
      areItemsApart: names.areApart,
    };
  };
}

/** The names of items by their references, made once; and those of a batch by place, which are found faster. */
function createNames(
  make: (moref: string) => readonly string[] | undefined,
  listed: () => Iterable<readonly [moref: string, item: NamedItem]>,
) {
  const known = new Map<string, readonly string[] | undefined>();
  const ofBatches = new WeakMap<Morefs, readonly (readonly string[] | undefined)[]>();
  const of = (moref: string): readonly string[] | undefined => {
    if (!known.has(moref)) known.set(moref, make(moref));
    return known.get(moref);
  };
  let apart: boolean | undefined;
  const areApart = () => areDistinct(Array.from(listed(), ([moref]) => of(moref) ?? []));
  return {
    of,
    areApart(): boolean {
      apart ??= areApart();
      return apart;
    },
    ofAll(morefs: Morefs): readonly (readonly string[] | undefined)[] {
      const names =
        ofBatches.get(morefs) ?? morefs.map((moref) => (moref === undefined ? undefined : of(moref)));
      ofBatches.set(morefs, names);
      return names;
    },
  };
}

function areDistinct(texts: readonly (readonly string[])[]): boolean {
  const series = createSeriesNumbers(texts.length);
  return texts.every((labels, index) => series.numberOf({ metric: '', labels }) === index);
}

/** The names and the own labels of a point. In loops: `concat` takes as long as all else that a sample is made of. */
function labelsOf(names: readonly string[], own: ColumnFamily['labels'], index: number): readonly string[] {
  if (own.length === 0) return names;
  const labels = new Array<string>(names.length + own.length);
  for (let at = 0; at < names.length; at += 1) labels[at] = names[at] as string;
  for (let at = 0; at < own.length; at += 1) {
    const column = own[at] as ColumnFamily['labels'][number];
    labels[names.length + at] = column.words[column.at[index] as number] as string;
  }
  return labels;
}

/**
 * Whether the labels of a point of the row can have the names that they have in other runs. Where a kind that they refer
 * to could not be listed, what refers to nothing has a name all the same: printed as it is, it would be another series.
 * Undefined for a row whose points all can.
 */
export function nameCheckOf(
  { labels, references = {} }: MetricRow,
  named: NamedItems,
): ((values: readonly string[]) => boolean) | undefined {
  const isListed = (kind: KindName) => named.all(kind) !== undefined;
  const unsure = labels.flatMap((label, index): [number, LabelReference][] => {
    const reference = references[label];
    return reference === undefined || kindsOf(reference).every(isListed) ? [] : [[index, reference]];
  });
  if (unsure.length === 0) return undefined;
  return (values) =>
    unsure.every(([index, reference]) => {
      let isNamed = true;
      printReference(reference, values[index] ?? '', (one) => {
        const found = named.refersTo(reference, one);
        isNamed &&= found !== undefined;
        return found;
      });
      return isNamed;
    });
}

/** What refers to nothing that was listed stays as it is: another datastore than those of the inventory, say. */
const resolve =
  (labels: readonly string[], references: NonNullable<MetricRow['references']>, named: NamedItems) =>
  (value: string, index: number): string => {
    const reference = references[labels[index] ?? ''];
    if (reference === undefined) return value;
    return printReference(reference, value, (one) => named.refersTo(reference, one));
  };

const printReference = (
  { print }: LabelReference,
  value: string,
  find: (reference: string) => NamedItem | undefined,
): string => (print === undefined ? (find(value)?.name ?? value) : print(value, find));
