import { baseLabelsOf, hasMoid, type LabelOptions, type NamedItem } from '../../catalogue/presets.ts';
import { kindsOf, type LabelReference, type MetricRow } from '../../catalogue/row.ts';
import type { Facts, Item, KindName } from '../../inventory/kind.ts';
import type { SourcedSample } from '../../metrics/sourced-samples.ts';
import type { BatchHost } from '../batch.ts';

/** The items of a target with all that labels are made from, by kind and reference. */
export interface NamedItems {
  find(kind: KindName, moref: string): NamedItem | undefined;
  /** With their references, in the order of the list; undefined for a kind that was not listed. */
  all(kind: KindName): Iterable<readonly [moref: string, item: NamedItem]> | undefined;
  /** The item that a label's value refers to. */
  refersTo(reference: LabelReference, value: string): NamedItem | undefined;
}

/** Of a target of which nothing is known. */
export const NO_ITEMS: NamedItems = {
  find: () => undefined,
  all: () => undefined,
  refersTo: () => undefined,
};

export function nameItems(
  target: { readonly name: string; readonly site: string },
  of: {
    readonly hosts: readonly BatchHost[];
    /** As they were listed. */
    readonly listed: readonly Pick<Item, 'moref' | 'facts'>[];
    readonly others: ReadonlyMap<KindName, { readonly items: readonly Item[] }>;
  },
): NamedItems {
  const facts = new Map<string, Facts>(of.listed.map((one) => [one.moref, one.facts]));
  const named = new Map<KindName, Map<string, NamedItem>>([
    [
      'host',
      new Map(
        of.hosts.map(({ moref, name, site }) => [
          moref,
          { target: target.name, site, name, facts: facts.get(moref) ?? {} },
        ]),
      ),
    ],
  ]);
  for (const [kind, { items }] of of.others)
    named.set(
      kind,
      new Map(
        items.map((item) => [
          item.moref,
          { target: target.name, site: target.site, name: item.name, facts: item.facts },
        ]),
      ),
    );
  const byKey = new Map<KindName, ReadonlyMap<string, NamedItem>>();
  const keysOf = (kind: KindName): ReadonlyMap<string, NamedItem> => {
    const known = byKey.get(kind);
    if (known !== undefined) return known;
    const made = new Map<string, NamedItem>();
    for (const item of named.get(kind)?.values() ?? [])
      if (item.facts.key !== undefined && item.facts.key !== '') made.set(item.facts.key, item);
    byKey.set(kind, made);
    return made;
  };
  return {
    find: (kind, moref) => named.get(kind)?.get(moref),
    all: (kind) => named.get(kind),
    refersTo(reference, value) {
      for (const kind of kindsOf(reference)) {
        const found = (reference.by === 'key' ? keysOf(kind) : named.get(kind))?.get(value);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

/** Makes the sample of one point of a row; undefined for an item that nobody listed. */
export type NameSample = (
  moref: string,
  labels: readonly string[],
  value: number,
) => SourcedSample | undefined;

export type Naming = (row: MetricRow) => NameSample;

/**
 * Names the points of rows: which labels name an item is found once a row, and their values are made once an item and set
 * of labels, because an inventory has hundreds of thousands of points.
 */
export function createNaming(named: NamedItems, options: LabelOptions = {}): Naming {
  const bySet = new Map<string, Map<string, readonly string[]>>();
  return (row) => {
    const { kind, preset, without = [], references, name: metric } = row;
    const base = baseLabelsOf(row);
    const withMoid = hasMoid(preset, options);
    const set = `${kind} ${preset} ${without.join(' ')}`;
    const known = bySet.get(set) ?? new Map<string, readonly string[]>();
    bySet.set(set, known);
    const resolved = references && resolve(row.labels, references, named);
    return (moref, labels, value) => {
      let names = known.get(moref);
      if (names === undefined) {
        const item = named.find(kind, moref);
        if (item === undefined) return undefined;
        names = [...base.map(([, print]) => print(item)), ...(withMoid ? [moref] : [])];
        known.set(moref, names);
      }
      const own = resolved === undefined ? labels : labels.map(resolved);
      return { moref, sample: { metric, labels: own.length === 0 ? names : names.concat(own), value } };
    };
  };
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
