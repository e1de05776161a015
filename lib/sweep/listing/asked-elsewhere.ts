import { createHash } from 'node:crypto';
import { runsBy } from '../../collectors/needs.ts';
import { targetsOfSweep } from '../../config/cross-checks.ts';
import type { Config, EsxiConfig, TargetConfig } from '../../config/schema.ts';
import type { Clock } from '../../platform/clock.ts';
import type { HostAddress } from '../../state/address-map.ts';
import type { HostListStore } from '../../state/stores/host-lists.ts';
import type { RollElsewhere } from '../../state/stores/rolls.ts';
import type { Stamps } from '../../state/stores/stamps.ts';
import { normalDial } from '../plan/address.ts';
import { collectorsOf } from '../plan/target-settings.ts';
import { type HostList, MAX_LIST_AGE_MS } from './host-list.ts';
import { readLastList } from './list-target.ts';
import type { RunLists } from './run-lists.ts';

export interface AskedElsewhereDeps {
  readonly config: Config;
  readonly clock: Clock;
  readonly hostLists: HostListStore;
  readonly stamps: Pick<Stamps, 'read'>;
}

/** Which of its hosts a target leaves to others. */
export interface AskedElsewhere {
  readonly addresses: ReadonlySet<string>;
  /** To be kept for the next run; undefined: nothing is to be kept. */
  readonly toKeep: RollElsewhere | undefined;
}

interface OwnHosts {
  readonly target: Pick<TargetConfig, 'name'>;
  readonly esxi: EsxiConfig;
  readonly hosts: readonly HostAddress[];
  readonly lists: Pick<RunLists, 'readLast'>;
}

/**
 * Of these hosts, those that earlier targets ask: an address listed by two targets is asked by the first one of the
 * configuration whose last list has it. What is kept of it holds until any target lists other addresses. A list that
 * cannot be read rejects, unless somebody is told of it: then it counts as empty.
 */
export async function askedElsewhere(
  own: OwnHosts,
  kept: RollElsewhere | undefined,
  deps: AskedElsewhereDeps,
  options: { signal: AbortSignal; onUnreadable?: (error: unknown) => undefined },
): Promise<AskedElsewhere> {
  const earlier = earlierTargets(own.target, deps.config);
  if (earlier.length === 0) return { addresses: new Set(), toKeep: undefined };
  // Before the lists, so that what is kept of them is not younger than they are.
  const change = await deps.stamps.read('addresses', options);
  const by = digestOf(own, earlier);
  if (kept !== undefined && kept.change === change && kept.by === by && deps.clock.now() < kept.until)
    return { addresses: new Set(kept.addresses), toKeep: kept };
  return await readLists({ ...own, earlier, change, by }, deps, options);
}

async function readLists(
  {
    earlier,
    esxi,
    hosts,
    lists: shared,
    change,
    by,
  }: OwnHosts & {
    readonly earlier: readonly string[];
    readonly change: string | undefined;
    readonly by: string;
  },
  deps: AskedElsewhereDeps,
  options: { signal: AbortSignal; onUnreadable?: (error: unknown) => undefined },
): Promise<AskedElsewhere> {
  let isWhole = true;
  const readOne = async (name: string): Promise<HostList | undefined> => {
    try {
      return await shared.readLast(name, () => readLastList(name, deps, options));
    } catch (error) {
      if (options.onUnreadable === undefined) throw error;
      isWhole = false;
      return options.onUnreadable(error);
    }
  };
  const lists = await Promise.all(earlier.map(readOne));
  const ours = new Set(hosts.map(({ address }) => address));
  const addresses = new Set<string>();
  let until = Number.POSITIVE_INFINITY;
  for (const list of lists) {
    const theirs = (list?.hosts ?? []).map((host) => normalDial(host, esxi).address);
    const shared = ours.intersection(new Set(theirs));
    for (const address of shared) addresses.add(address);
    if (list !== undefined && shared.size > 0) until = Math.min(until, list.listedAt + MAX_LIST_AGE_MS);
  }
  // A list that is too old to count is not waited for: when it is written again, the stamp says so.
  const end = Math.min(until, deps.clock.now() + MAX_LIST_AGE_MS);
  const mayKeep = isWhole && change !== undefined;
  return { addresses, toKeep: mayKeep ? { change, by, addresses: [...addresses], until: end } : undefined };
}

/** A target that no sweep asks by ssh does not count: nobody would ask the host. */
function earlierTargets({ name: own }: Pick<TargetConfig, 'name'>, config: Config): readonly string[] {
  const { targets, sweeps } = config;
  const overSsh = sweeps.filter((sweep) => runsBy(collectorsOf(sweep), 'ask'));
  return targets
    .slice(
      0,
      targets.findIndex(({ name }) => name === own),
    )
    .filter((one) => overSsh.some((sweep) => targetsOfSweep(sweep, config).includes(one)))
    .map(({ name }) => name);
}

/** By what hosts are compared: with another configuration they are dialled elsewhere. */
function digestOf({ esxi, hosts }: OwnHosts, earlier: readonly string[]): string {
  const { address, domain, overrides } = esxi;
  const ours = hosts.map((host) => host.address).toSorted();
  const what = JSON.stringify([earlier, address, domain ?? null, Object.entries(overrides), ours]);
  return createHash('sha256').update(what).digest('base64');
}
