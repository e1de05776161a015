import type { AccountHistory } from '../lockout/account-history.ts';
import type { AccountStore } from './accounts.ts';
import { createAddressMap, normalAddress } from './address-map.ts';

/**
 * Remembers, as long as this process lives, each refusal that could not be written, and adds it to whatever is read:
 * without that a table that can be read and not written would let the account be tried in every run. A refusal that
 * was remembered once is written by the next one who reads.
 */
export function withRefusalMemory(store: AccountStore, now: () => number): AccountStore {
  const pending = new Map<string, Pending>();

  const write = async (refusal: Pending, options: { signal: AbortSignal }) => {
    const { user, address, version } = refusal;
    const history = await store.recordRefusal(user, address, { version }, options);
    if (pending.get(normalAccount(user, address)) === refusal) pending.delete(normalAccount(user, address));
    return history;
  };
  const overlay = (
    history: AccountHistory | undefined,
    { user, address, version, at }: Pending,
  ): AccountHistory => ({
    user,
    address,
    ...history,
    refusals: (history?.refusals ?? 0) + 1,
    lastRefusalAt: Math.max(at, history?.lastRefusalAt ?? 0),
    refusedVersions: [...(history?.refusedVersions ?? []), version],
  });
  /** Tries to write what is pending of a user; what still is afterwards stays in memory. */
  const flush = async (user: string, options: { signal: AbortSignal }) => {
    for (const refusal of [...pending.values()].filter((one) => sameUser(one.user, user))) {
      await write(refusal, options).catch(() => undefined);
    }
  };

  return {
    ...store,
    async recordRefusal(user, address, login, options) {
      const refusal = { user, address, version: login.version, at: now() };
      pending.set(normalAccount(user, address), refusal);
      return write(refusal, options);
    },
    async read(user, address, options) {
      await flush(user, options);
      const history = await store.read(user, address, options);
      const refusal = pending.get(normalAccount(user, address));
      return refusal === undefined ? history : overlay(history, refusal);
    },
    async readAll(user, options) {
      await flush(user, options);
      const histories = createAddressMap(await store.readAll(user, options));
      for (const refusal of pending.values()) {
        if (sameUser(refusal.user, user))
          histories.set(refusal.address, overlay(histories.get(refusal.address), refusal));
      }
      return histories;
    },
  };
}

interface Pending {
  readonly user: string;
  readonly address: string;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** One key for one account, however it is spelled. */
const normalAccount = (user: string, address: string) =>
  JSON.stringify([user.toLowerCase(), normalAddress(address)]);

const sameUser = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
