import * as z from 'zod';
import { type AddressMap, createAddressMap, normalAddress } from '../address-map.ts';
import type { Change, Condition } from '../conditions.ts';
import { type Item, type ItemKey, joinKey, type MalformedItems, parseItem, parseItems } from '../item.ts';
import type { AccountHistory } from './account-history.ts';

const accountItem = z.object({
  user: z.string(),
  address: z.string(),
  refusals: z.int().min(0).default(0),
  refusedVersions: z.array(z.string()).default([]),
  lastRefusalAt: z.number().exactOptional(),
  earlierRefusalAt: z.number().exactOptional(),
  answered: z.boolean().exactOptional(),
  decays: z.boolean().exactOptional(),
  undecidedAt: z.array(z.number()).exactOptional(),
  openAttempt: z
    .object({
      id: z.string().exactOptional(),
      version: z.string(),
      at: z.number(),
      host: z.string().exactOptional(),
    })
    .exactOptional(),
  hostLimit: z.int().min(0).exactOptional(),
  unlockSeconds: z.int().min(0).exactOptional(),
  /** The flights that were lost with it; those in which it was proven are among the refusals. */
  lostFlights: z.array(z.string()).exactOptional(),
  dialling: z.object({ until: z.number(), alone: z.boolean().exactOptional() }).exactOptional(),
});

/** What forbids a login, or tells how it has to be made. */
export const toHistory = (item: Item): AccountHistory => parseItem(accountItem, item);

/** What a login must have seen of an account before it may begin an attempt. */
export type SeenHistory = Pick<AccountHistory, 'refusals' | 'openAttempt'> | undefined;

/** A change of an account's item: attributes to set and to remove, and a refusal to add. */
export interface AccountUpdate {
  readonly set?: Readonly<Record<string, unknown>>;
  readonly remove?: readonly string[];
  /** The version of a refusal that is added. */
  readonly refused?: string;
  /** Of an account that hosts have in common: the one that refused, where it was one. */
  readonly by?: string | undefined;
  /** When it was seen; a presumed refusal has no time. */
  readonly refusedAt?: number;
  /** The flight that was lost with it. */
  readonly flight?: string | undefined;
  /** The flight of which the refusal was seen. */
  readonly ofFlight?: string | undefined;
}

/** What refusals and attempts leave in an item. */
export const TRACES = [
  'refusedVersions',
  'lastRefusalAt',
  'earlierRefusalAt',
  'openAttempt',
  'undecidedAt',
  'answered',
  'decays',
  'lostFlights',
  'refusedFlights',
  'refusedBy',
  'acceptedBy',
] as const;

export function toChange(update: AccountUpdate): Change {
  const { set = {}, remove = [], refused, by, refusedAt, flight, ofFlight } = update;
  return {
    set: {
      ...set,
      ...(refusedAt === undefined ? {} : { lastRefusalAt: refusedAt }),
      ...(by === undefined ? {} : { refusedBy: normalAddress(by) }),
    },
    ...(refusedAt === undefined
      ? {}
      : { copy: { earlierRefusalAt: { from: 'lastRefusalAt', otherwise: 0 } } }),
    append: {
      ...(refused === undefined ? {} : { refusedVersions: [refused] }),
      ...(flight === undefined ? {} : { lostFlights: [flight] }),
      ...(ofFlight === undefined ? {} : { refusedFlights: [ofFlight] }),
    },
    ...(refused === undefined ? {} : { add: { refusals: 1 } }),
    // Who accepted did so before this refusal.
    remove: refused === undefined ? remove : [...remove, 'acceptedBy'],
  };
}

/** Refusals and attempt are still as they were seen. */
export const isAsSeen = (seen: SeenHistory): Condition => ({
  all: [
    refusalsAre(seen?.refusals ?? 0),
    seen?.openAttempt === undefined
      ? { absent: 'openAttempt' }
      : { equals: ['openAttempt.at', seen.openAttempt.at] },
  ],
});

/**
 * An attempt may begin: the account is as it was seen, and this attempt was not closed yet, in whatever order the table
 * takes up the two. One that stands already is begun.
 */
export const mayBegin = (id: string, seen: SeenHistory): Condition => ({
  any: [{ all: [isAsSeen(seen), { differs: ['closedAttempt', id] }] }, isOpen(id)],
});

/** The attempt is the open one. */
export const isOpen = (id: string): Condition => ({ equals: ['openAttempt.id', id] });

/** The flight is not noted as lost yet. */
export const isNotLost = (flight: string): Condition => ({ lacks: ['lostFlights', flight] });

/** Nor did its worker write a refusal of it. */
export const isNotCounted = (flight: string): Condition => ({
  all: [isNotLost(flight), { lacks: ['refusedFlights', flight] }],
});

export const refusalsAre = (refusals: number): Condition =>
  refusals === 0
    ? { any: [{ absent: 'refusals' }, { equals: ['refusals', 0] }] }
    : { equals: ['refusals', refusals] };

/** ESXi's own users have one spelling; those of a domain are the same account in any. */
export const normalUser = (user: string): string => user.toLowerCase();

export const accountKey = (user: string, address: string): ItemKey => ({
  pk: joinKey('account', normalUser(user)),
  sk: normalAddress(address),
});

/** The partition of what was accepted last, apart from what forbids a login: of a proven account nothing else is left. */
export const provenPartition = (user: string): string => joinKey('proven', normalUser(user));

const provenItem = z.object({ version: z.string() });

/** By address, the version that was accepted last. */
export const toProven = (items: readonly Item[], options: MalformedItems): AddressMap<string> =>
  createAddressMap(parseItems(items, (item) => parseItem(provenItem, item).version, options));

/** The history of an account from its two parts; undefined when nothing is known. */
export function joinHistory(
  { user, address }: { user: string; address: string },
  parts: { readonly unsettled: AccountHistory | undefined; readonly provenVersion: string | undefined },
): AccountHistory | undefined {
  const { unsettled, provenVersion } = parts;
  if (provenVersion === undefined) return unsettled;
  return { ...(unsettled ?? emptyHistory(user, address)), provenVersion };
}

/** Of an account of which nothing is known, or nothing any more. */
export const emptyHistory = (user: string, address: string): AccountHistory => ({
  ...ownerOf(user, address),
  refusals: 0,
  refusedVersions: [],
});

/** What stays in an account's item over a success. */
const LASTING = ['hostLimit', 'unlockSeconds', 'dialling', 'closedAttempt'] as const;

/** A success leaves nothing of the item. */
export const nothingLasts: Condition = { all: LASTING.map((absent) => ({ absent })) };

/** The attempt is the open one, or none is open where it is none; with `refusals`, these are all there are. */
export const isAsLeft = (attempt: string | undefined, refusals: number | undefined): Condition => ({
  all: [
    attempt === undefined ? { absent: 'openAttempt' } : isOpen(attempt),
    ...(refusals === undefined ? [] : [refusalsAre(refusals)]),
  ],
});

/**
 * Of an account that hosts have in common: whether what stands of it goes when `host` accepts it. One host may accept
 * whatever it is sent, and ask nobody. So two of them have to accept after a refusal, or the very one that refused.
 */
export function mayForget(host: string): Condition {
  const own: Condition = { all: [{ atMost: ['refusals', 1] }, { equals: ['refusedBy', host] }] };
  const another: Condition = { all: [{ present: 'acceptedBy' }, { differs: ['acceptedBy', host] }] };
  return { any: [refusalsAre(0), own, another] };
}

/** Nothing is left of the item once its mark goes, and with `forgetFlights` its lost flights. */
export function onlyMarked({ forgetFlights }: { forgetFlights: boolean }): Condition {
  const others = [...LASTING, ...TRACES].filter(
    (name) => name !== 'dialling' && !(forgetFlights && name === 'lostFlights'),
  );
  return { all: [isMarked, refusalsAre(0), ...others.map((absent): Condition => ({ absent }))] };
}

/** A mark stands. */
export const isMarked: Condition = { present: 'dialling' };

export const ownerOf = (user: string, address: string) => ({
  user: normalUser(user),
  address: normalAddress(address),
});
