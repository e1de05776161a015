import { type AddressMap, createAddressMap, normalAddress } from '../address-map.ts';
import type { Condition } from '../conditions.ts';
import { type Item, type ItemKey, joinKey, type MalformedItems, parseItems } from '../item.ts';
import { inRange, type Table } from '../port.ts';
import type { AccountHistory, DialMark, HostLimits } from './account-history.ts';
import {
  type AccountUpdate,
  accountKey,
  emptyHistory,
  isAsLeft,
  isAsSeen,
  isMarked,
  isNotCounted,
  isNotLost,
  isOpen,
  joinHistory,
  mayBegin,
  mayForget,
  normalUser,
  nothingLasts,
  onlyMarked,
  ownerOf,
  provenPartition,
  type SeenHistory,
  TRACES,
  toChange,
  toHistory,
  toProven,
} from './account-item.ts';
import { createUserNames } from './user-names.ts';

interface Options {
  readonly signal: AbortSignal;
}

/**
 * Refusals and successes of every account on every address. Users and addresses are compared without regard to case.
 *
 * What forbids a login (refusals, attempts, marks: *unsettled*) and what was accepted last stand in two items. The first
 * one ends with a success, so that of a proven fleet there is next to nothing to read; it is always read consistently.
 * The second may be older than the first without harm: an account that is proven no more has an item of the first kind,
 * and one that is not known to be proven yet is tried with an attempt on record.
 */
export interface AccountStore {
  /** Every address on which anything is known of `user`: as much to read as the fleet is large. */
  readAll(user: string, options: Options): Promise<AddressMap<AccountHistory>>;
  /**
   * The addresses on which something is unsettled of `user`, all or a range, without what was accepted;
   * `onMalformed` is told normal addresses.
   */
  readUnsettled(
    user: string,
    options: Options & MalformedItems & { readonly range?: readonly [string, string] },
  ): Promise<AddressMap<AccountHistory>>;
  /**
   * What is known of `user` on these addresses. `proven` has what the caller knows of the versions that were accepted,
   * with undefined for none; only of other addresses it is read. `onMalformed` is told normal addresses.
   */
  readSome(
    user: string,
    which: {
      readonly addresses: readonly string[];
      readonly proven?: ReadonlyMap<string, string | undefined>;
    },
    options: Options & MalformedItems,
  ): Promise<AddressMap<AccountHistory>>;
  /** As the table has it now. */
  read(user: string, address: string, options: Options): Promise<AccountHistory | undefined>;
  /**
   * Writes that a login is about to be made, to be closed by a refusal, a success or `closeAttempt`. False when the
   * account is no longer as it was seen: somebody else is at it. An open attempt that was seen becomes a refusal. `id`
   * is of this attempt alone: begun twice it is begun once, and once closed it is not begun any more. `host` is the one
   * that is asked, of an account that hosts have in common; so in all that follows.
   */
  beginAttempt(
    user: string,
    address: string,
    login: { id: string; version: string; seen: SeenHistory; host?: string | undefined },
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
   * that is `presumed`, because nobody knows how the login ended, costs no waiting time. `answered`: a vCenter said no. `decays`: it
   * counts where refusals are forgotten in time; a later one without it takes that away from all of the account.
   * It ends the open attempt. One of a `flight` ends none, and counts once until the next success, however often it is
   * told, and not at all after one `ofFlight`, which is written by who saw it and counts as any other.
   */
  recordRefusal(
    user: string,
    address: string,
    login: {
      version: string;
      presumed?: boolean;
      flight?: string;
      ofFlight?: string;
      answered?: boolean;
      decays?: boolean;
      host?: string | undefined;
    },
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
   * this one was accepted: one was counted meanwhile, or the attempt took over one that may still be under way. It ends
   * its own `attempt` and no other, also when it is written again because its answer was lost. What another `host`
   * refused goes when a second one has accepted since: one alone may accept whatever it is sent.
   */
  recordSuccess(
    user: string,
    address: string,
    login: {
      version: string;
      attempt?: string;
      seen?: NonNullable<SeenHistory>;
      host?: string | undefined;
    },
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

export function createAccountStore(deps: { table: Table; now: () => number }): AccountStore {
  const { table, now } = deps;
  const users = createUserNames({ table });
  const readUnsettled: AccountStore['readUnsettled'] = async (user, options) => {
    const pk = joinKey('account', normalUser(user));
    const items = await table.query({ pk, ...inRange(options.range) }, options);
    return createAddressMap(
      parseItems(items, toHistory, options).map(([, history]) => [history.address, history]),
    );
  };
  const provenKey = (user: string, address: string) => ({
    pk: provenPartition(user),
    sk: normalAddress(address),
  });
  const change = (user: string, address: string, update: AccountUpdate, options: Options) =>
    table.update(accountKey(user, address), toChange(update), options);
  const changeIf = (condition: Condition, key: ItemKey, update: AccountUpdate, options: Options) =>
    table.updateIf(condition, key, toChange(update), options);

  const toRefusal = (
    user: string,
    address: string,
    {
      version,
      presumed = false,
      answered = false,
      decays = false,
      flight,
      ofFlight,
      host,
    }: Parameters<AccountStore['recordRefusal']>[2],
  ): AccountUpdate => ({
    set: { ...ownerOf(user, address), ...(answered ? { answered } : {}), ...(decays ? { decays } : {}) },
    remove: [
      // What stands open while a flight is counted may be the attempt of another login.
      ...(flight === undefined ? ['openAttempt'] : []),
      // One refusal that is not forgotten is enough for all of them to be lifted with care.
      ...(decays ? [] : ['decays']),
    ],
    refused: version,
    by: host,
    ...(presumed ? {} : { refusedAt: now() }),
    flight,
    ofFlight,
  });
  const noteFlight = (user: string, address: string, flight: string, options: Options) => {
    const noted = { set: ownerOf(user, address), flight };
    return changeIf(isNotLost(flight), accountKey(user, address), noted, options);
  };
  /** What its worker saw refused is on record, and only noted as lost. */
  const countFlight = async (
    user: string,
    address: string,
    { flight, update }: { flight: string; update: AccountUpdate },
    options: Options,
  ): Promise<Item> => {
    const key = accountKey(user, address);
    return (
      (await changeIf(isNotCounted(flight), key, update, options)) ??
      (await noteFlight(user, address, flight, options)) ??
      (await table.get(key, options)) ?? { ...key, ...emptyHistory(user, address) }
    );
  };

  return {
    readUnsettled,
    async readAll(user, options) {
      const [unsettled, items] = await Promise.all([
        readUnsettled(user, options),
        table.query({ pk: provenPartition(user) }, options),
      ]);
      const proven = toProven(items, {});
      const addresses = new Set([...unsettled.keys(), ...proven.keys()]);
      return joinAll(user, [...addresses], { unsettled, provenAt: (address) => proven.get(address) });
    },
    async readSome(user, { addresses, proven = new Map() }, options) {
      const asked = [...new Set(addresses.map(normalAddress))];
      const keys = asked.filter((address) => !proven.has(address)).map((address) => provenKey(user, address));
      const [unsettled, items] = await Promise.all([
        readUnsettled(user, options),
        table.getAll(keys, { ...options, eventual: true }),
      ]);
      const read = toProven(items, options);
      return joinAll(user, asked, {
        unsettled,
        provenAt: (address) => proven.get(address) ?? read.get(address),
      });
    },
    async read(user, address, options) {
      const [unsettled, accepted] = await Promise.all([
        table.get(accountKey(user, address), options),
        table.get(provenKey(user, address), options),
      ]);
      const provenVersion = accepted && toProven([accepted], {}).get(address);
      return joinHistory({ user, address }, { unsettled: unsettled && toHistory(unsettled), provenVersion });
    },
    async beginAttempt(user, address, { id, version, seen, host }, options) {
      const left = seen?.openAttempt;
      const openAttempt = { id, version, at: now(), ...(host === undefined ? {} : { host }) };
      const update: AccountUpdate = {
        set: { ...ownerOf(user, address), openAttempt },
        ...(left === undefined ? {} : { refused: left.version, by: left.host }),
      };
      const begin = () => changeIf(mayBegin(id, seen), accountKey(user, address), update, options);
      return (await users.withName(user, options, begin)) !== undefined;
    },
    async closeAttempt(user, address, { id, undecidedAt, ...options }) {
      const set = undecidedAt === undefined ? {} : { undecidedAt };
      const close = () =>
        changeIf(isOpen(id), accountKey(user, address), { set, remove: ['openAttempt'] }, options);
      if ((await close()) !== undefined) return;
      // It is not there, or not yet: its beginning must not come after its end.
      await change(user, address, { set: { ...ownerOf(user, address), closedAttempt: id } }, options);
      await close();
    },
    async recordRefusal(user, address, login, options) {
      const { flight, ofFlight } = login;
      const update = toRefusal(user, address, login);
      const count = async () => {
        if (flight !== undefined) return countFlight(user, address, { flight, update }, options);
        if (ofFlight === undefined) return change(user, address, update, options);
        const { refused: _counted, ...seen } = update;
        return (
          (await changeIf(isNotLost(ofFlight), accountKey(user, address), update, options)) ??
          (await change(user, address, seen, options))
        );
      };
      return toHistory(await users.withName(user, options, count));
    },
    async recordLost(user, address, { flight }, options) {
      await users.withName(user, options, () => noteFlight(user, address, flight, options));
    },
    async beginDial(user, address, dialling, options) {
      await change(user, address, { set: { ...ownerOf(user, address), dialling } }, options);
    },
    async endDial(user, address, { forgetFlights = false, ...options }) {
      const key = accountKey(user, address);
      if (await table.deleteIf(onlyMarked({ forgetFlights }), key, options)) return;
      const remove = forgetFlights ? ['dialling', 'lostFlights'] : ['dialling'];
      // A mark that was never written must leave no item.
      await changeIf(isMarked, key, { remove }, options);
    },
    async recordSuccess(user, address, { version, attempt, seen, host }, options) {
      // First, so that a crash leaves the account unsettled.
      await table.replace({ ...provenKey(user, address), version }, options);
      const key = accountKey(user, address);
      const owner = ownerOf(user, address);
      if (seen?.openAttempt === undefined) {
        const isUntouched = isAsLeft(attempt, seen?.refusals);
        const by = host === undefined ? undefined : normalAddress(host);
        const goes: Condition = by === undefined ? isUntouched : { all: [isUntouched, mayForget(by)] };
        const reset = { set: { ...owner, refusals: 0 }, remove: TRACES };
        if (await table.deleteIf({ all: [goes, nothingLasts] }, key, options)) return;
        if ((await changeIf(goes, key, reset, options)) !== undefined) return;
        const stays = { set: { ...owner, acceptedBy: by }, remove: ['openAttempt'] };
        if (by !== undefined && (await changeIf(isUntouched, key, stays, options)) !== undefined) return;
      }
      if (attempt !== undefined)
        await changeIf(isOpen(attempt), key, { set: owner, remove: ['openAttempt'] }, options);
    },
    async recordLimits(user, address, { hostLimit, unlockSeconds }, options) {
      const limits = {
        ...(hostLimit === undefined ? {} : { hostLimit }),
        ...(unlockSeconds === undefined ? {} : { unlockSeconds }),
      };
      await change(user, address, { set: { ...ownerOf(user, address), ...limits } }, options);
    },
    async list(options) {
      const refused: AccountHistory[] = [];
      for (const user of await users.list(options)) {
        const histories = await readUnsettled(user, options);
        refused.push(...[...histories.values()].filter(hasTraces));
      }
      return refused;
    },
    async lift(user, address, options) {
      const histories = await readUnsettled(user, options);
      const asked = address === undefined ? [...histories.values()] : [histories.get(address)];
      let lifted = 0;
      for (const history of asked) {
        if (history === undefined || !hasTraces(history)) continue;
        const key = accountKey(history.user, history.address);
        const marked = history.dialling === undefined ? {} : { dialling: { until: 0 } };
        const update: AccountUpdate = { set: { refusals: 0, ...marked }, remove: TRACES };
        if ((await changeIf(isAsSeen(history), key, update, options)) !== undefined) lifted += 1;
      }
      return lifted;
    },
  };
}

function joinAll(
  user: string,
  addresses: readonly string[],
  {
    unsettled,
    provenAt,
  }: {
    unsettled: AddressMap<AccountHistory>;
    provenAt: (address: string) => string | undefined;
  },
): AddressMap<AccountHistory> {
  return createAddressMap(
    addresses.flatMap((address) => {
      const parts = { unsettled: unsettled.get(address), provenVersion: provenAt(address) };
      const history = joinHistory({ user, address }, parts);
      return history === undefined ? [] : [[address, history] as const];
    }),
  );
}

const hasTraces = ({ refusals, openAttempt, dialling }: AccountHistory) =>
  refusals > 0 || openAttempt !== undefined || dialling !== undefined;
