import type { TargetConfig } from '../../config/schema.ts';
import type { ListedHost } from '../../inventory/host.ts';
import type { KindName } from '../../inventory/kind.ts';
import type { Inventory } from '../../inventory/list-inventory.ts';
import { logInToTarget } from '../../logins/trial/target-login.ts';
import type { Clock } from '../../platform/clock.ts';
import { startDeadline } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { Timeline } from '../../platform/timeline.ts';
import { isStateAway } from '../../state/errors.ts';
import type { HostListStore } from '../../state/stores/host-lists.ts';
import type { Stamps } from '../../state/stores/stamps.ts';
import { TargetError } from '../errors.ts';
import type { SweepSession, VcenterLoginDeps } from '../sessions.ts';
import { configuredList } from './configured-hosts.ts';
import { type HostList, MAX_LIST_AGE_MS, storedHostList, withLastKnown } from './host-list.ts';
import { followListing } from './listing-progress.ts';

export interface ListTargetDeps extends VcenterLoginDeps {
  readonly hostLists: HostListStore;
  readonly stamps: Pick<Stamps, 'renew'>;
}

/** The hosts of a target, and the session of the listing. */
export interface ListedTarget {
  readonly source: 'fresh' | 'last' | 'none';
  readonly list: HostList | undefined;
  /** The caller closes it, and uses it only with a fresh list. */
  readonly session: SweepSession | undefined;
  /** Why the list is not fresh, or could not be kept. */
  readonly problems: readonly string[];
  /** Of other kinds than hosts, what the sweep asks for; only of a fresh list. */
  readonly others?: Inventory['others'] | undefined;
  /** Sessions that earlier runs left open; undefined when nobody could tell. */
  readonly leftoverSessions?: number | undefined;
}

/**
 * Lists a target, and keeps the list; when that fails or takes too long, its last list stands in, if it is less than
 * 24 h old, else the one of the configuration. A target without credentials is what the configuration lists. Never
 * rejects.
 */
export async function listTarget(
  target: TargetConfig,
  deps: ListTargetDeps,
  options: {
    listEnd: number;
    /** Of `listEnd`. */
    timeline: Timeline;
    /** As much longer at most when this process is stalled meanwhile. */
    patienceMs: number;
    /** When the session will be over at the latest. */
    sessionEnd: number;
    managementAddress: boolean;
    /** Whether hosts are asked by ssh, so that the list has to say where it is off. */
    sshService: boolean;
    /** What else than hosts is to be listed. */
    kinds: readonly KindName[];
    /** The instance UUIDs and resource pools of machines, which some presets have as labels. */
    machineIdentity?: boolean;
    signal: AbortSignal;
  },
): Promise<ListedTarget> {
  const { signal } = options;
  const problems: string[] = [];
  const last = await readLastList(target.name, deps, { signal }).catch((error: unknown) => {
    problems.push(messageOf(error));
    return undefined;
  });
  const configured = configuredList(target, deps.clock.now());
  if (target.credentials === undefined && configured !== undefined) {
    await keepNewList(target.name, { list: configured, last }, deps, { signal }).catch((error: unknown) =>
      problems.push(messageOf(error)),
    );
    return { source: 'fresh', list: configured, session: undefined, problems };
  }
  const progress = followListing(target, deps);
  let session: SweepSession | undefined;
  try {
    using limit = startDeadline({
      clock: deps.clock,
      ms: options.timeline.msUntil(options.listEnd),
      patienceMs: options.patienceMs,
      what: progress.describe,
      signal,
    });
    const login: ListTargetDeps['login'] = (one, credential, loginOptions) =>
      progress.login(one, credential, { ...loginOptions, endsAt: options.sessionEnd });
    session = await logInToTarget(target, { ...deps, login, logins: progress.logins }, limit);
    progress.loggedIn();
    const [listing, leftoverSessions] = await Promise.all([
      session.list(
        {
          kinds: options.kinds,
          managementAddress: options.managementAddress,
          sshService: options.sshService,
          ...(options.machineIdentity === undefined ? {} : { machineIdentity: options.machineIdentity }),
        },
        limit,
      ),
      session.leftover({ end: target.endLeftoverSessions }, limit),
    ]);
    if (listing.hosts.length + listing.unreadable.length === 0) throw new TargetError(noHosts(target.name));
    const list = withLastKnown(listing, deps.clock.now(), last);
    await keepNewList(target.name, { list, last }, deps, { signal }).catch((error: unknown) =>
      problems.push(messageOf(error)),
    );
    const { others, unlisted = [] } = listing;
    for (const [kind, why] of unlisted) problems.push(`objects (${kind}) could not be listed: ${why}`);
    return { source: 'fresh', list, others, session, problems, leftoverSessions };
  } catch (error) {
    problems.push(messageOf(error));
    const list = last ?? configured;
    return { source: list === undefined ? 'none' : 'last', list, session, problems };
  }
}

/** The stored list of a target, if it is young enough to stand in. */
export async function readLastList(
  target: string,
  { hostLists, clock }: { hostLists: HostListStore; clock: Clock },
  { signal }: { signal: AbortSignal },
): Promise<HostList | undefined> {
  const stored = await hostLists.read(target, storedHostList, { signal });
  if (stored === undefined || clock.now() - stored.listedAt > MAX_LIST_AGE_MS) return undefined;
  return { listedAt: stored.listedAt, ...stored.hosts };
}

/** Keeps a listing that was made outside a run, as a run keeps its own. Throws StateError. */
export async function keepListing(
  target: string,
  listing: Pick<Inventory, 'hosts' | 'unreadable'>,
  deps: Pick<ListTargetDeps, 'hostLists' | 'stamps' | 'clock'>,
  options: { signal: AbortSignal },
): Promise<void> {
  const last = await readLastList(target, deps, options).catch((error: unknown) => {
    options.signal.throwIfAborted();
    // As in a run, one that cannot be read is replaced.
    if (isStateAway(error)) throw error;
    return undefined;
  });
  await keepNewList(target, { list: withLastKnown(listing, deps.clock.now(), last), last }, deps, options);
}

/** An account that lost its role sees an empty inventory, and that must not read as "no hosts". */
const noHosts = (target: string) =>
  `${target} lists no hosts. Give the account the role "Read-only" on the root folder, with propagation`;

/** A list without a host that is known to exist would hide it tomorrow, so it is kept with its unreadable morefs. */
async function keepList(
  target: string,
  { hosts, unreadable, sites }: HostList,
  { hostLists }: Pick<ListTargetDeps, 'hostLists'>,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  await hostLists.write(target, { hosts: hosts.map(toStored), unreadable, sites }, { signal });
}

/** Tells other targets when there are other addresses in the list than before, or none that still counted. */
async function keepNewList(
  target: string,
  { list, last }: { list: HostList; last: HostList | undefined },
  deps: Pick<ListTargetDeps, 'hostLists' | 'stamps'>,
  options: { signal: AbortSignal },
): Promise<void> {
  await keepList(target, list, deps, options);
  if (last === undefined || addressesOf(list) !== addressesOf(last))
    await deps.stamps.renew('addresses', options);
}

/** All that an address may be made of, whatever the configuration says. */
const addressesOf = ({ hosts }: HostList): string =>
  hosts
    .map(({ name, ownAddress = '', managementAddress = '' }) =>
      JSON.stringify([name, ownAddress, managementAddress]),
    )
    .toSorted()
    .join();

/** Without what holds for this run only. */
const toStored = ({ sshRunning: _ofThisRun, ...host }: ListedHost): ListedHost => host;

/**
 * Keeps a fresh list once more when its hosts got sites that it does not have yet; a list that only stands in keeps
 * its age. What cannot be kept costs the next run nothing but a site, and only when NetBox does not say it again.
 */
export async function keepSites(
  target: string,
  { listed, sites }: { listed: ListedTarget; sites: HostList['sites'] },
  { hostLists, log }: Pick<ListTargetDeps, 'hostLists'> & { log: Log },
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const { source, list } = listed;
  if (source !== 'fresh' || list === undefined) return;
  if (Object.entries(sites).every(([moref, site]) => list.sites[moref] === site)) return;
  await keepList(target, { ...list, sites }, { hostLists }, { signal }).catch((error: unknown) =>
    log.warn('the sites of hosts could not be kept', { target, error: messageOf(error) }),
  );
}
