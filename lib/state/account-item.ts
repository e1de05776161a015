import * as z from 'zod';
import type { AccountHistory } from '../lockout/account-history.ts';
import { normalAddress } from './address-map.ts';
import { type Item, type ItemKey, joinKey, parseItem } from './item.ts';
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
  provenVersion: z.string().exactOptional(),
  openAttempt: z
    .object({ id: z.string().exactOptional(), version: z.string(), at: z.number() })
    .exactOptional(),
  hostLimit: z.int().min(0).exactOptional(),
  unlockSeconds: z.int().min(0).exactOptional(),
  /** The flights that were lost with it; those in which it was proven are among the refusals. */
  lostFlights: z.array(z.string()).exactOptional(),
  dialling: z.object({ until: z.number(), alone: z.boolean().exactOptional() }).exactOptional(),
});

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

export const ownerOf = (user: string, address: string) => ({
  user: normalUser(user),
  address: normalAddress(address),
});
