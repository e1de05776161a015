import { messageOf } from '../../platform/errors.ts';
import type { HostListStore } from '../../state/stores/host-lists.ts';
import type { TargetOrder } from '../dispatch/target-order.ts';
import { sitesOf } from '../listing/configured-hosts.ts';
import { type ListedTarget, readLastList } from '../listing/list-target.ts';
import { planHosts } from '../plan/plan-hosts.ts';
import { collectorsOf } from '../plan/target-settings.ts';
import { mergeBatches } from '../result/merge.ts';
import { NO_ITEMS } from '../result/named-items.ts';
import type { CollectedTarget } from '../result/target-result.ts';

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
  const hosts = planHosts(listed.list?.hosts ?? [], { siteOf: sitesOf(target), ssh: undefined });
  const lost = { hosts, result: { status: 'rejected', reason: error } } as const;
  const morefs = hosts.map(({ moref }) => moref);
  const lostRead = [
    ...(hosts.length === 0 ? [] : [{ kind: 'host' as const, morefs, result: lost.result }]),
    ...Array.from(listed.others ?? []).flatMap(([kind, { items }]) =>
      items.length === 0 ? [] : [{ kind, morefs: items.map(({ moref }) => moref), result: lost.result }],
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
