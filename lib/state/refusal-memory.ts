import type { AccountHistory } from '../lockout/account-history.ts';
import { untilAborted } from '../platform/until-aborted.ts';
import type { AccountStore } from './accounts.ts';
import { createAddressMap, normalAddress } from './address-map.ts';

/**
 * Remembers, as long as this process lives, each refusal that could not be written, and adds it to whatever is read:
 * without that a table that can be read and not written would let the account be tried in every run. The next one
 * who reads writes what is remembered; a success forgets it.
 */
export function withRefusalMemory(store: AccountStore, now: () => number): AccountStore {
  let pending: readonly Pending[] = [];
  let writing: Promise<void> = Promise.resolve();
  const forget = (isOver: (one: Pending) => boolean) => {
    pending = pending.filter((one) => !isOver(one));
  };

  /** One after the other, so that nobody writes what another one is writing. What fails stays in memory. */
  const write = (user: string, options: { signal: AbortSignal }): Promise<void> => {
    if (!pending.some((one) => sameUser(one.user, user))) return Promise.resolve();
    writing = writing.then(async () => {
      for (const refusal of pending.filter((one) => sameUser(one.user, user))) {
        const written = await store
          .recordRefusal(refusal.user, refusal.address, { version: refusal.version }, options)
          .catch(() => undefined);
        if (written !== undefined) forget((one) => one === refusal);
      }
    });
    // Another one's write may hang longer than this one's time.
    return untilAborted(writing, options.signal);
  };

  return {
    ...store,
    async recordRefusal(user, address, login, options) {
      try {
        return await store.recordRefusal(user, address, login, options);
      } catch (error) {
        pending = [...pending, { user, address, version: login.version, at: now() }];
        throw error;
      }
    },
    async recordSuccess(user, address, login, options) {
      // What is refused while the success is being written came after it.
      const before = new Set(pending);
      await store.recordSuccess(user, address, login, options);
      forget((one) => before.has(one) && sameUser(one.user, user) && sameAddress(one.address, address));
    },
    async read(user, address, options) {
      await write(user, options);
      const ofAccount = pending.filter(
        (one) => sameUser(one.user, user) && sameAddress(one.address, address),
      );
      return ofAccount.reduce(add, await store.read(user, address, options));
    },
    async readAll(user, options) {
      await write(user, options);
      const histories = createAddressMap(await store.readAll(user, options));
      for (const refusal of pending.filter((one) => sameUser(one.user, user))) {
        histories.set(refusal.address, add(histories.get(refusal.address), refusal));
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

function add(history: AccountHistory | undefined, { user, address, version, at }: Pending): AccountHistory {
  return {
    user,
    address,
    ...history,
    refusals: (history?.refusals ?? 0) + 1,
    lastRefusalAt: Math.max(at, history?.lastRefusalAt ?? 0),
    refusedVersions: [...(history?.refusedVersions ?? []), version],
  };
}

const sameUser = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
const sameAddress = (one: string, other: string) => normalAddress(one) === normalAddress(other);
