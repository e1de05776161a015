import type { NamedItem } from '../../catalogue/presets.ts';
import { kindsOf, type LabelReference } from '../../catalogue/row.ts';
import type { Facts, Item, KindName } from '../../inventory/kind.ts';
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
