import { PRINCIPAL, principalOf } from '../../../lib/logins/rules/principal.ts';
import type { Item } from '../../../lib/state/item.ts';
import { ALL_TARGETS, BLACKLIST_MINUTES, hostsOf, STANDALONE } from '../../support/world/estate.ts';
import type { World } from '../../support/world/world.ts';
import type { History } from './history.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const L_UNREAD = 3;
const MAX_OF_VERSION = 2;
/** In which a vCenter may say four times that it cannot tell. */
const UNDECIDED_MS = 3 * MINUTE;
const { signal } = new AbortController();

/** When a host has to be asked again, in milliseconds since the epoch, or what it waits for instead of time. */
export type Due = number | 'new-value' | 'lift';

/** What stands of an account, by the words of rule 1 and not by the code. */
interface Standing {
  /** The version of each refusal, of an attempt without an end and of what is in flight. */
  readonly spent: readonly string[];
  readonly limit: number;
  readonly lastRefusalAt: number | undefined;
}

function dueOfHost({ spent, limit, lastRefusalAt = 0 }: Standing, version: string): Due {
  if (spent.length >= limit - 1) return 'lift';
  const ofVersion = spent.filter((one) => one === version).length;
  if (ofVersion >= MAX_OF_VERSION) return 'new-value';
  return ofVersion === 0 ? 0 : lastRefusalAt + BLACKLIST_MINUTES * MINUTE;
}

/**
 * When each host is due with what the secret says now, were everything well from now on. A host waits for the latest
 * of: its own pause; its credential's suspension; the end of the lease and of the trial of a run that died; and, where
 * its target was never listed or not for a day, the account that lists it.
 */
export async function dueTimes(world: World, history: History): Promise<Map<string, Due>> {
  const scope = history.kind === 'domain' ? 'domain' : 'host';
  const version = `version of ${world.secrets.esxi}`;
  const { state } = await world.credentialStates.read('secret:esxi', { signal });
  const suspendedUntil = state.suspended?.version === version ? state.suspended.nextTryAt : 0;
  const user = world.userOf('esxi');
  const due = new Map<string, Due>();
  for (const target of ALL_TARGETS) {
    const ofTarget: Due[] = [
      suspendedUntil,
      state.trial?.endsAt ?? 0,
      await leaseEnd(world, target),
      await listedAt(world, history, target),
    ];
    for (const host of hostsOf(target)) {
      const account =
        scope === 'domain' ? { user: principalOf(user), address: PRINCIPAL } : { user, address: host };
      const own = { user: account.user, address: host };
      const dues = [
        ...ofTarget,
        dueOfHost(await standing(world, account), version),
        // With the one account of a domain: its own refusals too.
        dueOfHost(await standing(world, own), version),
      ];
      due.set(host, latest([...dues, await suspectUntil(world, account)]));
    }
  }
  return due;
}

const latest = (dues: readonly Due[]): Due => {
  for (const wait of ['lift', 'new-value'] as const) if (dues.includes(wait)) return wait;
  return Math.max(...dues.map(Number));
};

/** A worker ended while it dialled the host: it is asked alone from this time on. */
async function suspectUntil(
  world: World,
  { user, address }: { user: string; address: string },
): Promise<number> {
  const { dialling } = (await world.accounts.read(user, address, { signal })) ?? {};
  if (dialling === undefined) return 0;
  return dialling.alone === true ? dialling.until + BLACKLIST_MINUTES * MINUTE : dialling.until;
}

/** When the lease of a run that died is over. */
export async function leaseEnd(world: World, target: string): Promise<number> {
  const lease = await world.table.get({ pk: `run#services#${target}`, sk: 'lease' }, { signal });
  return Number(lease?.endsAt ?? 0);
}

/** When a target's hosts are known: at once by a list of the last day, else when its account may log in. */
async function listedAt(world: World, { kind, api = 'own' }: History, target: string): Promise<Due> {
  const list = world.lists.get(target);
  if (list !== undefined && world.now() - list.listedAt < DAY - HOUR) return 0;
  const secret = target === STANDALONE ? (kind === 'domain' && api === 'own' ? 'alone' : 'esxi') : 'vcenter';
  const version = `version of ${world.secrets[secret]}`;
  if (kind === 'domain' && api === 'directory') {
    const account = { user: principalOf(world.userOf(secret)), address: PRINCIPAL };
    return dueOfHost(await standing(world, account), version);
  }
  const account = await standing(world, { user: world.userOf(secret), address: target });
  if (target === STANDALONE) return dueOfHost(account, version);
  // Rule 7: an hour after the last of two; two in 15 minutes where an accepted version was only cut off.
  const [last = 0, earlier = last] = account.times.filter((at) => at !== 0).toSorted((a, b) => b - a);
  const pausedUntil = account.isCutOff(version) ? earlier + 15 * MINUTE : last + HOUR;
  const byRefusals = account.spent.length < 2 ? 0 : pausedUntil;
  const [firstOfFour] = account.undecidedAt.slice(-4);
  const isPause = account.undecidedAt.length >= 4 && firstOfFour !== undefined;
  return Math.max(byRefusals, isPause ? firstOfFour + UNDECIDED_MS : 0);
}

async function standing(
  world: World,
  { user, address }: { user: string; address: string },
): Promise<
  Standing & {
    readonly times: readonly number[];
    readonly undecidedAt: readonly number[];
    isCutOff(version: string): boolean;
  }
> {
  const key = { pk: `account#${user.toLowerCase()}`, sk: address };
  const item: Item | undefined = await world.table.get(key, { signal });
  const history = await world.accounts.read(user, address, { signal });
  const counted = [item?.lostFlights, item?.refusedFlights].flatMap((ids) => (Array.isArray(ids) ? ids : []));
  const lost = [...world.flights.values()]
    .map(({ flight }) => flight)
    .filter((flight) => flight.user === user && flight.addresses.includes(address));
  // Of the one account of a domain those of a run count once.
  const idOf = ({ id }: { id: string }) => (address === PRINCIPAL ? id.replace(/#.*/, '') : id);
  const inFlight = [...new Map(lost.map((flight) => [idOf(flight), flight])).entries()]
    .filter(([id]) => !counted.includes(id))
    .map(([, flight]) => flight);
  const open = history?.openAttempt;
  return {
    spent: [
      ...(history?.refusedVersions ?? []),
      ...(open === undefined ? [] : [open.version]),
      ...inFlight.map((flight) => flight.version),
    ],
    limit: history?.hostLimit ?? L_UNREAD,
    lastRefusalAt: history?.lastRefusalAt,
    isCutOff: (version) => history?.provenVersion === version && history.answered !== true,
    // Two processes wrote them, by two clocks.
    undecidedAt: history?.undecidedAt ?? [],
    times: [history?.lastRefusalAt, history?.earlierRefusalAt, open?.at].map((at) => at ?? 0),
  };
}
