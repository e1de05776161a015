import * as z from 'zod';
import type { AccountHistory } from '../lockout/account-history.ts';
import { type AddressMap, createAddressMap, normalAddress } from './address-map.ts';
import { type Item, joinKey, parseItem } from './item.ts';
import { ABSENT, type Table } from './table.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** Refusals and successes of every account on every address. Users and addresses are compared without regard to case. */
export interface AccountStore {
  /** Every address on which something is known of `user`. */
  readAll(user: string, options: Options): Promise<AddressMap<AccountHistory>>;
  read(user: string, address: string, options: Options): Promise<AccountHistory | undefined>;
  /** Counts a refusal; resolves when it is written. When its answer is lost it may count twice, never not at all. */
  recordRefusal(
    user: string,
    address: string,
    login: { version: string },
    options: Options,
  ): Promise<AccountHistory>;
  /** Forgets the refusals. Needed only when there are refusals, or the version is not the proven one. */
  recordSuccess(user: string, address: string, login: { version: string }, options: Options): Promise<void>;
  /** Every account with a refusal. */
  list(options: Options): Promise<readonly AccountHistory[]>;
  /**
   * Forgets the refusals of `user`, on one address or on all, and answers on how many. An account that is refused
   * again in the same moment keeps its refusals and is not counted.
   */
  lift(user: string, address: string | undefined, options: Options): Promise<number>;
}

/** Names every user who was ever refused, so that `list` needs no scan of the table. */
const USERS = 'accounts';

const accountItem = z
  .object({
    user: z.string(),
    address: z.string(),
    refusals: z.int().min(0).default(0),
    lastRefusalAt: z.number().optional(),
    refusedVersions: z.set(z.string()).default(new Set()),
    provenVersion: z.string().optional(),
  })
  .transform(
    ({ lastRefusalAt, provenVersion, refusedVersions, ...rest }): AccountHistory => ({
      ...rest,
      refusedVersions: [...refusedVersions],
      ...(lastRefusalAt === undefined ? {} : { lastRefusalAt }),
      ...(provenVersion === undefined ? {} : { provenVersion }),
    }),
  );
const userItem = z.object({ user: z.string() });

const NAMES = {
  '#user': 'user',
  '#address': 'address',
  '#refusals': 'refusals',
  '#lastRefusalAt': 'lastRefusalAt',
  '#refusedVersions': 'refusedVersions',
} as const;

export function createAccountStore(deps: { table: Table; now: () => number }): AccountStore {
  const { table, now } = deps;
  const named = new Map<string, Promise<unknown>>();

  /** Once a user and process; before the refusal, so that no refusal stays out of `list`. */
  const nameUser = async (user: string, options: Options) => {
    const byAnother = named.get(user)?.then(
      () => true,
      () => false,
    );
    if (await byAnother) return;
    const naming = table.putIf(ABSENT, { pk: USERS, sk: user, user }, options);
    named.set(user, naming);
    try {
      await naming;
    } catch (error) {
      named.delete(user);
      throw error;
    }
  };
  const readAll = async (user: string, options: Options) => {
    const items = await table.query({ pk: joinKey('account', normalUser(user)) }, options);
    return createAddressMap(items.map(toHistory).map((history) => [history.address, history]));
  };
  const liftOne = async ({ user, address, refusals }: AccountHistory, options: Options) => {
    const { '#user': _user, '#address': _address, ...names } = NAMES;
    const lifted = await table.updateIf(
      '#refusals = :seen',
      keyOf(user, address),
      {
        expression: 'SET #refusals = :none REMOVE #lastRefusalAt, #refusedVersions',
        names,
        values: { ':none': 0, ':seen': refusals },
      },
      options,
    );
    return lifted !== undefined;
  };

  return {
    readAll,
    async read(user, address, options) {
      const item = await table.get(keyOf(user, address), options);
      return item && toHistory(item);
    },
    async recordRefusal(user, address, { version }, options) {
      await nameUser(normalUser(user), options);
      const written = await table.update(
        keyOf(user, address),
        {
          expression:
            'SET #user = :user, #address = :address, #lastRefusalAt = :now ADD #refusals :one, #refusedVersions :version',
          names: NAMES,
          values: { ...ownerOf(user, address), ':now': now(), ':one': 1, ':version': new Set([version]) },
        },
        options,
      );
      return toHistory(written);
    },
    async recordSuccess(user, address, { version }, options) {
      await table.update(
        keyOf(user, address),
        {
          expression:
            'SET #user = :user, #address = :address, #refusals = :none, #provenVersion = :version ' +
            'REMOVE #lastRefusalAt, #refusedVersions',
          names: { ...NAMES, '#provenVersion': 'provenVersion' },
          values: { ...ownerOf(user, address), ':none': 0, ':version': version },
        },
        options,
      );
    },
    async list(options) {
      const users = await table.query({ pk: USERS }, options);
      const refused: AccountHistory[] = [];
      for (const item of users) {
        const histories = await readAll(parseItem(userItem, item).user, options);
        refused.push(...[...histories.values()].filter(({ refusals }) => refusals > 0));
      }
      return refused;
    },
    async lift(user, address, options) {
      const histories = await readAll(user, options);
      const asked = address === undefined ? [...histories.values()] : [histories.get(address)];
      let lifted = 0;
      for (const history of asked) {
        if (history === undefined || history.refusals === 0) continue;
        if (await liftOne(history, options)) lifted += 1;
      }
      return lifted;
    },
  };
}

/** ESXi's own users have one spelling; those of a domain are the same account in any. */
const normalUser = (user: string) => user.toLowerCase();

const keyOf = (user: string, address: string) => ({
  pk: joinKey('account', normalUser(user)),
  sk: normalAddress(address),
});

const ownerOf = (user: string, address: string) => ({
  ':user': normalUser(user),
  ':address': normalAddress(address),
});

const toHistory = (item: Item): AccountHistory => parseItem(accountItem, item);
