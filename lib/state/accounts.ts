import * as z from 'zod';
import type { AccountHistory, DialMark, HostLimits } from '../lockout/account-history.ts';
import {
  type AccountUpdate,
  accountKey,
  ifNotClosed,
  ifNotCounted,
  ifOpen,
  ifRefusals,
  ifSeen,
  normalUser,
  ownerOf,
  type SeenHistory,
  TRACES,
  toExpression,
  toHistory,
} from './account-item.ts';
import { type AddressMap, createAddressMap } from './address-map.ts';
import { joinKey, type MalformedItems, parseItem, parseItems } from './item.ts';
import { ABSENT, inRange, type Table } from './table.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** Refusals and successes of every account on every address. Users and addresses are compared without regard to case. */
export interface AccountStore {
  /** The addresses on which something is known of `user`, all or a range; `onMalformed` is told normal addresses. */
  readAll(
    user: string,
    options: Options & MalformedItems & { readonly range?: readonly [string, string] },
  ): Promise<AddressMap<AccountHistory>>;
  read(user: string, address: string, options: Options): Promise<AccountHistory | undefined>;
  /**
   * Writes that a login is about to be made, to be closed by a refusal, a success or `closeAttempt`. False when the
   * account is no longer as it was seen: somebody else is at it. An open attempt that was seen becomes a refusal. `id`
   * is of this attempt alone: begun twice it is begun once, and once closed it is not begun any more.
   */
  beginAttempt(
    user: string,
    address: string,
    login: { id: string; version: string; seen: SeenHistory },
    options: Options,
  ): Promise<boolean>;
  /**
   * No refusal came of the login: it was not sent, or the far side could not decide, as it did at `undecidedAt`. Ends
   * this attempt and no other, also where nobody knows whether its beginning was written, or will be.
   */
  closeAttempt(
    user: string,
    address: string,
    options: Options & { id: string } & Pick<AccountHistory, 'undecidedAt'>,
  ): Promise<void>;
  /**
   * Counts a refusal; resolves when it is written. When its answer is lost it may count twice, never not at all. One
   * that is `presumed`, because nobody knows how the login ended, costs no waiting time. `answered`: a vCenter said no.
   * It ends the open attempt. One of a `flight` ends none, and counts once until the next success, however often it is
   * told.
   */
  recordRefusal(
    user: string,
    address: string,
    login: { version: string; presumed?: boolean; flight?: string; answered?: boolean },
    options: Options,
  ): Promise<AccountHistory>;
  /** Notes that a flight was lost with an account whose attempts are on record: nothing is counted. */
  recordLost(user: string, address: string, lost: { flight: string }, options: Options): Promise<unknown>;
  /** Marks that the account's host is dialled with care. */
  beginDial(user: string, address: string, dialling: DialMark, options: Options): Promise<void>;
  /** Erases the mark; with `forgetFlights` also which flights were lost with the account. */
  endDial(
    user: string,
    address: string,
    options: Options & { readonly forgetFlights?: boolean },
  ): Promise<void>;
  /**
   * Forgets the attempt and the refusals. Needed only when there are any, or the version is not the proven one. With
   * what its attempt had `seen`, refusals stay until the next success if another login may have been refused after
   * this one was accepted: one was counted meanwhile, or the attempt took over one that may still be under way.
   */
  recordSuccess(
    user: string,
    address: string,
    login: { version: string; seen?: NonNullable<SeenHistory> },
    options: Options,
  ): Promise<void>;
  /** The host's own rules, as vCenter tells them; one that is not given stays as it was. */
  recordLimits(user: string, address: string, limits: HostLimits, options: Options): Promise<void>;
  /** Every account with a refusal, an attempt without an end, or a mark of a worker that ended. */
  list(options: Options): Promise<readonly AccountHistory[]>;
  /**
   * Forgets the refusals of `user`, on one address or on all, and answers on how many. An account that is refused
   * again in the same moment keeps its refusals and is not counted. A host that ended a worker stays one that is asked
   * alone, from now on.
   */
  lift(user: string, address: string | undefined, options: Options): Promise<number>;
}

/** Names every user who was ever refused, so that `list` needs no scan of the table. */
const USERS = 'accounts';

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
  const readAll: AccountStore['readAll'] = async (user, options) => {
    const pk = joinKey('account', normalUser(user));
    const items = await table.query({ pk, ...inRange(options.range) }, options);
    return createAddressMap(
      parseItems(items, toHistory, options).map(([, history]) => [history.address, history]),
    );
  };
  const change = (user: string, address: string, update: AccountUpdate, options: Options) =>
    table.update(accountKey(user, address), toExpression(update), options);

  return {
    readAll,
    async read(user, address, options) {
      const item = await table.get(accountKey(user, address), options);
      return item && toHistory(item);
    },
    async beginAttempt(user, address, { id, version, seen }, options) {
      await nameUser(normalUser(user), options);
      const left = seen?.openAttempt;
      const begun = await table.updateIf(
        ...ifNotClosed(id, seen, accountKey(user, address), {
          set: { ...ownerOf(user, address), openAttempt: { id, version, at: now() } },
          ...(left === undefined ? {} : { refused: left.version }),
        }),
        options,
      );
      return begun !== undefined;
    },
    async closeAttempt(user, address, { id, undecidedAt, ...options }) {
      const set = undecidedAt === undefined ? {} : { undecidedAt };
      const closed = ifOpen(id, accountKey(user, address), { set, remove: ['openAttempt'] });
      if ((await table.updateIf(...closed, options)) !== undefined) return;
      // It is not there, or not yet: its beginning must not come after its end.
      await change(user, address, { set: { ...ownerOf(user, address), closedAttempt: id } }, options);
      await table.updateIf(...closed, options);
    },
    async recordRefusal(user, address, { version, presumed = false, flight, answered = false }, options) {
      await nameUser(normalUser(user), options);
      const update: AccountUpdate = {
        set: { ...ownerOf(user, address), ...(answered ? { answered } : {}) },
        // What stands open while a flight is counted may be the attempt of another login.
        remove: flight === undefined ? ['openAttempt'] : [],
        refused: version,
        ...(presumed ? {} : { refusedAt: now() }),
      };
      if (flight === undefined) return toHistory(await change(user, address, update, options));
      const key = accountKey(user, address);
      const counted =
        (await table.updateIf(...ifNotCounted(flight, key, update), options)) ??
        (await table.get(key, options));
      return counted === undefined ? emptyHistory(user, address) : toHistory(counted);
    },
    async recordLost(user, address, { flight }, options) {
      await nameUser(normalUser(user), options);
      const noted = { set: ownerOf(user, address) };
      await table.updateIf(...ifNotCounted(flight, accountKey(user, address), noted), options);
    },
    async beginDial(user, address, dialling, options) {
      await change(user, address, { set: { ...ownerOf(user, address), dialling } }, options);
    },
    async endDial(user, address, { forgetFlights = false, ...options }) {
      const remove = forgetFlights ? ['dialling', 'lostFlights'] : ['dialling'];
      await change(user, address, { remove }, options);
    },
    async recordSuccess(user, address, { version, seen }, options) {
      const proven = { ...ownerOf(user, address), provenVersion: version };
      const reset = { set: { ...proven, refusals: 0 }, remove: TRACES };
      if (seen === undefined) {
        await change(user, address, reset, options);
        return;
      }
      const isReset =
        seen.openAttempt === undefined &&
        (await table.updateIf(...ifRefusals(seen.refusals, accountKey(user, address), reset), options));
      if (!isReset) await change(user, address, { set: proven, remove: ['openAttempt'] }, options);
    },
    async recordLimits(user, address, { hostLimit, unlockSeconds }, options) {
      const limits = {
        ...(hostLimit === undefined ? {} : { hostLimit }),
        ...(unlockSeconds === undefined ? {} : { unlockSeconds }),
      };
      await change(user, address, { set: { ...ownerOf(user, address), ...limits } }, options);
    },
    async list(options) {
      const users = await table.query({ pk: USERS }, options);
      const refused: AccountHistory[] = [];
      for (const item of users) {
        const histories = await readAll(parseItem(userItem, item).user, options);
        refused.push(...[...histories.values()].filter(hasTraces));
      }
      return refused;
    },
    async lift(user, address, options) {
      const histories = await readAll(user, options);
      const asked = address === undefined ? [...histories.values()] : [histories.get(address)];
      let lifted = 0;
      for (const history of asked) {
        if (history === undefined || !hasTraces(history)) continue;
        const key = accountKey(history.user, history.address);
        const marked = history.dialling === undefined ? {} : { dialling: { until: 0 } };
        const update: AccountUpdate = { set: { refusals: 0, ...marked }, remove: TRACES };
        if ((await table.updateIf(...ifSeen(history, key, update), options)) !== undefined) lifted += 1;
      }
      return lifted;
    },
  };
}

/** Of an account that was forgotten between two calls. */
const emptyHistory = (user: string, address: string): AccountHistory => ({
  ...ownerOf(user, address),
  refusals: 0,
  refusedVersions: [],
});

const userItem = z.object({ user: z.string() });

const hasTraces = ({ refusals, openAttempt, dialling }: AccountHistory) =>
  refusals > 0 || openAttempt !== undefined || dialling !== undefined;
