import { type NamedItem, nameLabels } from '../../catalogue/presets.ts';
import type { LabelReference, MetricRow, Point } from '../../catalogue/row.ts';
import type { Facts, Item, KindName } from '../../inventory/kind.ts';
import type { SourcedSample } from '../../metrics/deduplicate.ts';
import type { BatchHost } from '../batch.ts';

/** The items of a target with all that labels are made from, by kind and reference. */
export interface NamedItems {
  find(kind: KindName, moref: string): NamedItem | undefined;
  /** With their references, in the order of the list; undefined for a kind that was not listed. */
  all(kind: KindName): Iterable<readonly [moref: string, item: NamedItem]> | undefined;
  /** The name of the item that a label's value refers to. */
  nameOf(reference: LabelReference, value: string): string | undefined;
}

/** Of a target of which nothing is known. */
export const NO_ITEMS: NamedItems = { find: () => undefined, all: () => undefined, nameOf: () => undefined };

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
  const byKey = new Map<KindName, Map<string, string>>();
  const keysOf = (kind: KindName): Map<string, string> => {
    const known = byKey.get(kind) ?? new Map<string, string>();
    if (!byKey.has(kind))
      for (const {
        name,
        facts: { key = '' },
      } of named.get(kind)?.values() ?? [])
        if (key !== '') known.set(key, name);
    byKey.set(kind, known);
    return known;
  };
  return {
    find: (kind, moref) => named.get(kind)?.get(moref),
    all: (kind) => named.get(kind),
    nameOf: ({ kind, by }, value) =>
      by === 'key' ? keysOf(kind).get(value) : named.get(kind)?.get(value)?.name,
  };
}

/** A point with the labels that name its item; undefined for an item that nobody listed. */
export function nameSample(
  row: MetricRow,
  { kind, moref }: { readonly kind: KindName; readonly moref: string },
  { labels, value }: Point,
  named: NamedItems,
): SourcedSample | undefined {
  const item = named.find(kind, moref);
  if (item === undefined) return undefined;
  const { references } = row;
  const own = references === undefined ? labels : labels.map(resolve(row.labels, references, named));
  return { moref, sample: { metric: row.name, labels: [...nameLabels(row, item), ...own], value } };
}

/** What refers to nothing that was listed stays as it is: another datastore than those of the inventory, say. */
const resolve =
  (labels: readonly string[], references: NonNullable<MetricRow['references']>, named: NamedItems) =>
  (value: string, index: number): string => {
    const reference = references[labels[index] ?? ''];
    return (reference && named.nameOf(reference, value)) ?? value;
  };
