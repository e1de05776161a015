import type { Collector } from '../../collectors/collector.ts';
import { needsOf } from '../../collectors/needs.ts';
import type { Item, KindName } from '../../inventory/kind.ts';
import { findKind } from '../../inventory/kinds.ts';
import type { ReadRequest } from '../batch.ts';

/** The items of one kind, by type and reference. */
export interface ItemsToRead {
  readonly kind: KindName;
  readonly items: ReadRequest['items'];
  /** Since when all real-time samples of each are wanted (epoch ms); absent: the newest one. */
  readonly since?: ReadonlyMap<string, number>;
  /** How many a batch has at most, where that is fewer than usual. */
  readonly slice?: number;
}

/** Why hosts were not read: nothing of them had to be, or there was no list and so no session to read them by. */
export type Unread = 'not-needed' | 'failed';

/** What becomes on the path vcenter of hosts that no batch read. Pure. */
export function whyUnread(
  collectors: readonly Collector[],
  { source }: { readonly source: 'fresh' | 'last' | 'none' },
): Unread {
  const isNeeded = needsOf(collectors).some(({ kind, reader }) => kind === 'host' && reader.runs === 'read');
  return source === 'fresh' && !isNeeded ? 'not-needed' : 'failed';
}

interface ListedItems {
  readonly list: { readonly hosts: readonly Item[] } | undefined;
  readonly others?: ReadonlyMap<KindName, { readonly items: readonly Item[] }> | undefined;
}

/** The items of a list that the rows of a sweep need to be read, by kind. Pure. */
export function itemsToRead(collectors: readonly Collector[], listed: ListedItems): ItemsToRead[] {
  const kinds = new Set(
    needsOf(collectors).flatMap(({ kind, reader }) => (reader.runs === 'read' ? [kind] : [])),
  );
  return [...kinds].flatMap((kind) => {
    const items = itemsOfKind(kind, listed);
    return items.length === 0
      ? []
      : [{ kind, items: items.map(({ type, moref }): [string, string] => [type, moref]) }];
  });
}

/** The references of the items of one kind in a list. Pure. */
export function itemsOfKind(
  kind: KindName,
  { list, others }: ListedItems,
): { readonly type: string; readonly moref: string }[] {
  const items = kind === 'host' ? (list?.hosts ?? []) : (others?.get(kind)?.items ?? []);
  const [ofKind = ''] = findKind(kind).types;
  return items.map(({ type = ofKind, moref }) => ({ type, moref }));
}
