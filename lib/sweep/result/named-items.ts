import { type NamedItem, nameLabels } from '../../catalogue/presets.ts';
import type { MetricRow, Point } from '../../catalogue/row.ts';
import type { Facts, Item, KindName } from '../../inventory/kind.ts';
import type { SourcedSample } from '../../metrics/deduplicate.ts';
import type { BatchHost } from '../batch.ts';

/** The items of a target with all that labels are made from, by kind and reference. */
export interface NamedItems {
  find(kind: KindName, moref: string): NamedItem | undefined;
}

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
  return { find: (kind, moref) => named.get(kind)?.get(moref) };
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
  return { moref, sample: { metric: row.name, labels: [...nameLabels(row, item), ...labels], value } };
}
