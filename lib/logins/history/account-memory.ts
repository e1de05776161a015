import pLimit from 'p-limit';
import { type AddressMap, createAddressMap } from '../../state/address-map.ts';
import { type AroundCall, around } from '../../state/around.ts';
import { isStateAway } from '../../state/errors.ts';
import type { AccountHistory } from '../../state/stores/account-history.ts';
import type { AccountStore } from '../../state/stores/accounts.ts';
import { type AskedBatch, seenLogins } from '../asked-batch.ts';
import { type SshCredential, sshAccount } from '../rules/principal.ts';
import { isProven } from '../rules/seen-account.ts';

/** What this process saw of accounts, for the time in which the table cannot be asked. */
export interface AccountMemory {
  /**
   * The store, which remembers what it read and wrote. A single account that was seen proven is read from memory
   * while the table is away, and its attempts are kept there. Refusals that could not be written are written first
   * when the table is back: until then nothing is read from it.
   */
  readonly accounts: AccountStore;
  /** All that was seen of a user; undefined when it was never read. */
  recall(user: string): AddressMap<AccountHistory> | undefined;
  /** Counts logins by ssh; `owed`: what could not be recorded is in no flight either and is written later. */
  note(batch: AskedBatch, credential: Omit<SshCredential, 'id'>, options: { owed: boolean }): void;
}

interface Owed {
  readonly user: string;
  readonly address: string;
  readonly version: string;
  readonly presumed?: boolean;
  readonly flight?: string;
}

interface Known {
  readonly history: AccountHistory;
  /** The number of the change after which it held. */
  readonly change: number;
}

export function createAccountMemory(store: AccountStore, deps: { now: () => number }): AccountMemory {
  const users = new Map<string, AddressMap<Known>>();
  const owed: Owed[] = [];
  const oneAtATime = pLimit(1);
  let changes = 0;

  const ofUser = (user: string) => {
    const known = users.get(user.toLowerCase()) ?? createAddressMap<Known>([]);
    users.set(user.toLowerCase(), known);
    return known;
  };
  const get = (user: string, address: string) => users.get(user.toLowerCase())?.get(address)?.history;
  const learn = (history: AccountHistory) => {
    changes += 1;
    ofUser(history.user).set(history.address, { history, change: changes });
  };
  const change = (user: string, address: string, to: Partial<AccountHistory>) => {
    const { openAttempt: _closed, ...history } = get(user, address) ?? blank(user, address);
    learn({ ...history, ...to });
  };
  const prove = (user: string, address: string, provenVersion: string) => {
    const {
      lostFlights: _forgotten,
      dialling: _erased,
      ...history
    } = get(user, address) ?? blank(user, address);
    learn(history);
    change(user, address, { refusals: 0, refusedVersions: [], provenVersion });
  };
  const countRefusal = (user: string, address: string, version: string) => {
    const { refusals, refusedVersions } = get(user, address) ?? blank(user, address);
    change(user, address, {
      refusals: refusals + 1,
      refusedVersions: [...refusedVersions, version],
      lastRefusalAt: deps.now(),
    });
  };
  const payDebts = (options: { signal: AbortSignal }) =>
    oneAtATime(async () => {
      for (let [first] = owed; first !== undefined; [first] = owed) {
        const { user, address, ...login } = first;
        await store.recordRefusal(user, address, login, options);
        owed.shift();
      }
    });

  const isOpenHere = (user: string, address: string) => get(user, address)?.openAttempt !== undefined;
  /** An attempt that only memory knows of needs no write to end. */
  const ending = <Args extends readonly [user: string, address: string, ...rest: unknown[]]>(
    end: (...args: Args) => void,
  ): AroundCall<Args, void> => ({
    answered: (_done, args) => end(...args),
    failed: (error, args) => {
      if (!isOpenHere(args[0], args[1]) || !isStateAway(error)) throw error;
      end(...args);
    },
  });

  const accounts = around(store, {
    readSome: {
      before: async ([, , options]) => {
        await payDebts(options);
        return changes;
      },
      answered: (read, [user, { addresses }], before) => {
        const known = ofUser(user);
        for (const address of addresses) {
          // What was learned while the answer was under way is newer than it.
          if ((known.get(address)?.change ?? 0) > Number(before)) continue;
          const history = read.get(address);
          if (history === undefined) known.delete(address);
          else known.set(address, { history, change: Number(before) });
        }
      },
    },
    read: {
      before: ([, , options]) => payDebts(options),
      answered: (history, [user, address]) => learn(history ?? blank(user, address)),
      failed: (error, [user, address]) => {
        const remembered = get(user, address);
        if (!isStateAway(error) || !isUnharmed(remembered)) throw error;
        return remembered;
      },
    },
    beginAttempt: {
      failed: (error, [user, address, { version }]) => {
        if (!isStateAway(error) || !isProven(get(user, address), version)) throw error;
        change(user, address, { openAttempt: { version, at: deps.now() } });
        return true;
      },
    },
    closeAttempt: ending((user, address, { undecidedAt }) => {
      if (isOpenHere(user, address)) change(user, address, undecidedAt === undefined ? {} : { undecidedAt });
    }),
    recordSuccess: ending<Parameters<AccountStore['recordSuccess']>>((user, address, login) => {
      // Of an account that hosts have in common a refusal may stay, until a second one has accepted.
      if (login.host !== undefined && (login.seen?.refusals ?? 0) > 0) change(user, address, {});
      else prove(user, address, login.version);
    }),
    recordRefusal: {
      answered: (history, [user, address]) => {
        const { provenVersion } = get(user, address) ?? {};
        learn(provenVersion === undefined ? history : { ...history, provenVersion });
      },
      failed: (error, [user, address, login]) => {
        countRefusal(user, address, login.version);
        owed.push({ user, address, ...login });
        throw error;
      },
    },
  });
  return {
    accounts,
    recall: (user) => {
      const known = users.get(user.toLowerCase());
      return known && createAddressMap([...known].map(([address, { history }]) => [address, history]));
    },
    note(batch, { version, ...credential }, options) {
      for (const { host, end } of seenLogins(batch)) {
        const { user, address } = sshAccount(credential, host.address);
        if (end === 'accepted') {
          // Of an account that hosts have in common one acceptance does not say that nothing stands of it any more.
          if (credential.scope === 'host') prove(user, address, version);
          continue;
        }
        countRefusal(user, address, version);
        if (options.owed && end !== 'refused' && end !== 'presumed')
          owed.push({ user, address, version, presumed: end !== 'unrecorded' });
      }
    },
  };
}

const blank = (user: string, address: string): AccountHistory => ({
  user,
  address,
  refusals: 0,
  refusedVersions: [],
});

const isUnharmed = (history: AccountHistory | undefined): history is AccountHistory =>
  history?.provenVersion !== undefined && history.refusals === 0 && history.openAttempt === undefined;
