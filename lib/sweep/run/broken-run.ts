import type { Collector } from '../../collectors/collector.ts';
import { needsOf } from '../../collectors/needs.ts';
import type { KindName } from '../../inventory/kind.ts';
import { messageOf } from '../../platform/errors.ts';
import type { HostListStore } from '../../state/stores/host-lists.ts';
import type { BatchHost } from '../batch.ts';
import type { FinishedRead, SweptRead } from '../dispatch/read-items.ts';
import type { TargetOrder } from '../dispatch/target-order.ts';
import { sitesOf } from '../listing/configured-hosts.ts';
import { type ListedTarget, readLastList } from '../listing/list-target.ts';
import { type ItemsToRead, itemsOfKind } from '../plan/items-to-read.ts';
import { planHosts } from '../plan/plan-hosts.ts';
import { collectorsOf } from '../plan/target-settings.ts';
import { mergeBatches } from '../result/merge.ts';
import { NO_ITEMS } from '../result/named-items.ts';
import type { CollectedTarget } from '../result/target-result.ts';
import { sessionOf } from './read-target.ts';

/**
 * What stands in for a collection that broke by a fault in vsweep: every object of the list, lost as those of a lost
 * batch are. A fault must not read as "no hosts".
 */
export function collectedNothing(
  { sweep, target }: Pick<TargetOrder, 'sweep' | 'target'>,
  work: { listed: ListedTarget; overSsh: boolean; error: unknown },
): CollectedTarget {
  const { listed, overSsh, error } = work;
  const collectors = collectorsOf(sweep);
  const hosts = lostHosts(target, listed);
  const lost = { hosts, result: { status: 'rejected', reason: error } } as const;
  const morefs = hosts.map(({ moref }) => moref);
  const lostRead = [
    ...(hosts.length === 0 ? [] : [lostItems('host', morefs, error)]),
    ...Array.from(listed.others ?? []).flatMap(([kind, { items }]) =>
      items.length === 0
        ? []
        : [
            lostItems(
              kind,
              items.map(({ moref }) => moref),
              error,
            ),
          ],
    ),
  ];
  return {
    listed,
    merged: mergeBatches(
      { asked: hosts.length === 0 ? [] : [lost], read: lostRead },
      { collectors, overSsh, unread: 'failed', named: NO_ITEMS },
    ),
    collectors,
    overSsh,
    problems: [...listed.problems, itBroke(error)],
  };
}

/**
 * The hosts of a list whose asking broke: what became of their logins nobody knows, so each is lost with the fault's own
 * message, whatever its credential. Pure.
 */
export const lostHosts = (target: TargetOrder['target'], { list }: Pick<ListedTarget, 'list'>): BatchHost[] =>
  planHosts(list?.hosts ?? [], { siteOf: sitesOf(target), ssh: undefined }).map((host) =>
    host.ssh !== 'try' && host.ssh.skip === 'no-credential' ? { ...host, ssh: 'try' } : host,
  );

/** What stands in for reading that broke by a fault in vsweep: every item that was to be read is lost, by kind. Pure. */
export const readNothing = (wanted: readonly ItemsToRead[], error: unknown): FinishedRead[] =>
  wanted.map(({ kind, items }) =>
    lostItems(
      kind,
      items.map(([, moref]) => moref),
      error,
    ),
  );

/** The same for what only the sweep itself reads; nothing without a fresh list, of which nothing was to be read. Pure. */
export function sweptNothing(
  collectors: readonly Collector[],
  listed: ListedTarget,
  error: unknown,
): SweptRead[] {
  if (sessionOf(listed) === undefined) return [];
  return needsOf(collectors)
    .filter(({ reader }) => reader.runs === 'sweep')
    .map(({ kind, reader }) => {
      const morefs = itemsOfKind(kind, listed).map(({ moref }) => moref);
      return { ...lostItems(kind, morefs, error), reader };
    });
}

const lostItems = (kind: KindName, morefs: readonly string[], error: unknown): FinishedRead => ({
  kind,
  morefs,
  result: { status: 'rejected', reason: error },
  problems: [itBroke(error)],
});

/** What stands in for a listing that broke by a fault in vsweep: the last list, as for one that failed. */
export async function listedNothing(
  target: string,
  error: unknown,
  deps: { hostLists: HostListStore; clock: Parameters<typeof readLastList>[1]['clock'] },
  options: { signal: AbortSignal },
): Promise<ListedTarget> {
  const list = await readLastList(target, deps, options).catch(() => undefined);
  return {
    source: list === undefined ? 'none' : 'last',
    list,
    session: undefined,
    problems: [itBroke(error)],
  };
}

export const itBroke = (error: unknown): string =>
  `internal error: ${messageOf(error)}. Please report it as a bug of vsweep`;
