import * as z from 'zod';
import type { AccountHistory } from '../lockout/account-history.ts';
import { type AddressMap, createAddressMap, normalAddress } from './address-map.ts';
import { type Item, type ItemKey, joinKey, type MalformedItems, parseItem, parseItems } from './item.ts';
import type { Expression } from './table.ts';

const accountItem = z.object({
  user: z.string(),
  address: z.string(),
  refusals: z.int().min(0).default(0),
  refusedVersions: z.array(z.string()).default([]),
  lastRefusalAt: z.number().exactOptional(),
  earlierRefusalAt: z.number().exactOptional(),
  answered: z.boolean().exactOptional(),
  undecidedAt: z.array(z.number()).exactOptional(),
  openAttempt: z
    .object({ id: z.string().exactOptional(), version: z.string(), at: z.number() })
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
  /** When it was seen; a presumed refusal has no time. */
  readonly refusedAt?: number;
  /** The flight that was lost with it. */
  readonly flight?: string;
}

/** What refusals and attempts leave in an item. */
export const TRACES = [
  'refusedVersions',
  'lastRefusalAt',
  'earlierRefusalAt',
  'openAttempt',
  'undecidedAt',
  'answered',
  'lostFlights',
] as const;

/** DynamoDB's words for a change. */
export function toExpression({
  set = {},
  remove = [],
  refused,
  refusedAt,
  flight,
}: AccountUpdate): Expression {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  const name = (attribute: string) => {
    names[`#${attribute}`] = attribute;
    return `#${attribute}`;
  };
  const value = (key: string, content: unknown) => {
    values[`:${key}`] = content;
    return `:${key}`;
  };
  const assignments = Object.entries(set).map(([key, content]) => `${name(key)} = ${value(key, content)}`);
  if (refused !== undefined) {
    const versions = name('refusedVersions');
    assignments.push(
      `${versions} = list_append(if_not_exists(${versions}, ${value('none', [])}), ${value('refused', [refused])})`,
    );
  }
  if (flight !== undefined) {
    const flights = name('lostFlights');
    assignments.push(
      `${flights} = list_append(if_not_exists(${flights}, ${value('none', [])}), ${value('flights', [flight])})`,
    );
  }
  if (refusedAt !== undefined) {
    const last = name('lastRefusalAt');
    assignments.push(
      `${name('earlierRefusalAt')} = if_not_exists(${last}, ${value('never', 0)})`,
      `${last} = ${value('refusedAt', refusedAt)}`,
    );
  }
  const parts = [
    assignments.length === 0 ? '' : `SET ${assignments.join(', ')}`,
    remove.length === 0 ? '' : `REMOVE ${remove.map(name).join(', ')}`,
    refused === undefined ? '' : `ADD ${name('refusals')} ${value('one', 1)}`,
  ];
  const expression = parts.filter((part) => part !== '').join(' ');
  return { expression, names, ...(Object.keys(values).length === 0 ? {} : { values }) };
}

/** The arguments of `updateIf`: the change is made only when refusals and attempt are still as they were seen. */
export function ifSeen(
  seen: SeenHistory,
  key: ItemKey,
  update: AccountUpdate,
): [string, ItemKey, Expression] {
  const { expression, names = {}, values = {} } = toExpression(update);
  const refusals = seen?.refusals ?? 0;
  const attempt = seen?.openAttempt;
  const condition = [
    refusalsAre(refusals),
    attempt === undefined ? 'attribute_not_exists(#openAttempt)' : '#openAttempt.#at = :seenAt',
  ].join(' AND ');
  return [
    condition,
    key,
    {
      expression,
      names: {
        ...names,
        '#refusals': 'refusals',
        '#openAttempt': 'openAttempt',
        ...(attempt === undefined ? {} : { '#at': 'at' }),
      },
      values: {
        ...values,
        ':seenRefusals': refusals,
        ...(attempt === undefined ? {} : { ':seenAt': attempt.at }),
      },
    },
  ];
}

/**
 * The arguments of `updateIf` for the beginning of an attempt: as `ifSeen`, and not after it was closed, in whatever
 * order the table takes up the two. One that stands already is begun.
 */
export function ifNotClosed(
  id: string,
  seen: SeenHistory,
  key: ItemKey,
  update: AccountUpdate,
): [string, ItemKey, Expression] {
  const [condition, , { expression, names, values = {} }] = ifSeen(seen, key, update);
  const isOurs = '#openAttempt.#id = :id';
  const parts = [
    ...condition.split(' AND '),
    '(attribute_not_exists(#closedAttempt) OR #closedAttempt <> :id)',
  ];
  return [
    parts.map((part) => `(${part.replace(/^\((.*)\)$/, '$1')} OR ${isOurs})`).join(' AND '),
    key,
    {
      expression,
      names: { ...names, '#id': 'id', '#closedAttempt': 'closedAttempt' },
      values: { ...values, ':id': id },
    },
  ];
}

/** The arguments of `updateIf`: the change is made only while the attempt is the open one. */
export function ifOpen(id: string, key: ItemKey, update: AccountUpdate): [string, ItemKey, Expression] {
  const { expression, names = {}, values = {} } = toExpression(update);
  return [
    '#openAttempt.#id = :id',
    key,
    {
      expression,
      names: { ...names, '#openAttempt': 'openAttempt', '#id': 'id' },
      values: { ...values, ':id': id },
    },
  ];
}

/** The arguments of `updateIf`: the change is made only when there are as many refusals as were seen. */
export function ifRefusals(
  refusals: number,
  key: ItemKey,
  update: AccountUpdate,
): [string, ItemKey, Expression] {
  const { expression, names = {}, values = {} } = toExpression(update);
  return [
    refusalsAre(refusals),
    key,
    {
      expression,
      names: { ...names, '#refusals': 'refusals' },
      values: { ...values, ':seenRefusals': refusals },
    },
  ];
}

/** The arguments of `updateIf`: the change is made only when the flight is not noted yet. */
export function ifNotCounted(
  flight: string,
  key: ItemKey,
  update: AccountUpdate,
): [string, ItemKey, Expression] {
  const { values = {}, ...change } = toExpression({ ...update, flight });
  return [
    'NOT contains(#lostFlights, :flight)',
    key,
    { ...change, values: { ...values, ':flight': flight } },
  ];
}

const refusalsAre = (refusals: number) =>
  refusals === 0
    ? '(attribute_not_exists(#refusals) OR #refusals = :seenRefusals)'
    : '#refusals = :seenRefusals';

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

/** The condition under which a success leaves nothing of an item: with `refusals`, only when these are all there are. */
export function nothingLasts(refusals: number | undefined): Expression {
  const lasting = LASTING.map((name) => [`#${name}`, name] as const);
  const conditions = lasting.map(([alias]) => `attribute_not_exists(${alias})`);
  const names = Object.fromEntries(lasting);
  if (refusals === undefined) return { expression: conditions.join(' AND '), names };
  return {
    expression: [refusalsAre(refusals), ...conditions].join(' AND '),
    names: { ...names, '#refusals': 'refusals' },
    values: { ':seenRefusals': refusals },
  };
}

/** The condition under which nothing is left of an item once its mark goes, and with `forgetFlights` its lost flights. */
export function onlyMarked({ forgetFlights }: { forgetFlights: boolean }): Expression {
  const others = [...LASTING, ...TRACES].filter(
    (name) => name !== 'dialling' && !(forgetFlights && name === 'lostFlights'),
  );
  const isMarked = ['attribute_exists(#dialling)', refusalsAre(0)];
  return {
    expression: [...isMarked, ...others.map((name) => `attribute_not_exists(#${name})`)].join(' AND '),
    names: Object.fromEntries(['dialling', 'refusals', ...others].map((name) => [`#${name}`, name])),
    values: { ':seenRefusals': 0 },
  };
}

export const ownerOf = (user: string, address: string) => ({
  user: normalUser(user),
  address: normalAddress(address),
});
