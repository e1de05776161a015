import type { AddressMap } from '../../state/address-map.ts';
import { around } from '../../state/around.ts';
import { isStateAway } from '../../state/errors.ts';
import type { State } from '../../state/state.ts';
import type { AccountHistory } from '../../state/stores/account-history.ts';
import type { CredentialState } from '../../state/stores/credential-states.ts';
import type { HostListStore } from '../../state/stores/host-lists.ts';
import type { RollKey } from '../../state/stores/rolls.ts';
import type { Lease, RunStore } from '../../state/stores/runs.ts';
import { mayUseCredential } from '../rules/credential-state.ts';
import { type AccountMemory, createAccountMemory } from './account-memory.ts';

type Stores = Pick<State, 'accounts' | 'credentialStates' | 'flights' | 'hostLists' | 'runs'>;

/** What a run may go by when the table cannot be asked. */
export interface Remembered {
  readonly accounts: AddressMap<AccountHistory>;
  readonly hostKeys: ReadonlyMap<string, RollKey>;
}

/**
 * What this process read from the state table, so that a table that is away costs no result that needs no new login:
 * proven hosts with pinned keys go on, with one refusal each at most, everybody else is left alone.
 */
export interface ProcessMemory extends Pick<AccountMemory, 'note'> {
  /** The stores, which remember; host lists and proven vCenter accounts are read from memory while the table is away. */
  readonly stores: Stores;
  /**
   * Whether this process put a batch of the sweep on the target on record before: then it knows what it was refused
   * since, and its memory stands for the record while nothing can be written.
   */
  hasFlown(sweep: string, target: string): boolean;
  /** What a run found pinned, with undefined for none, by endpoint. */
  learnKeys(keys: ReadonlyMap<string, RollKey | undefined>): void;
  /** Undefined when this process never read them, or knows of the credential that it is not to be used. */
  recall(of: { user: string; credential: { id: string; version: string } }): Remembered | undefined;
}

export function createProcessMemory(state: Stores, deps: { now: () => number }): ProcessMemory {
  const { accounts, recall, note } = createAccountMemory(state.accounts, deps);
  let hostKeys: Map<string, RollKey> | undefined;
  const credentials = new Map<string, CredentialState>();
  const flown = new Set<string>();
  const runOf = (sweep: string, target: string) => JSON.stringify([sweep, target]);
  return {
    note,
    hasFlown: (sweep, target) => flown.has(runOf(sweep, target)),
    learnKeys(keys) {
      hostKeys ??= new Map();
      for (const [endpoint, key] of keys) {
        if (key === undefined) hostKeys.delete(endpoint);
        else hostKeys.set(endpoint, key);
      }
    },
    stores: {
      accounts,
      credentialStates: around(state.credentialStates, {
        read: { answered: (read, [id]) => credentials.set(id, read.state) },
        replace: {
          answered: (written, [next]) => {
            if (written !== undefined) credentials.set(next.id, next);
          },
        },
      }),
      flights: around(state.flights, {
        begin: { answered: (_done, [sweep, target]) => flown.add(runOf(sweep, target)) },
      }),
      hostLists: rememberLists(state.hostLists, deps),
      runs: rememberLeases(state.runs, deps),
    },
    recall({ user, credential: { id, version } }) {
      const known = { accounts: recall(user), hostKeys };
      const permission = mayUseCredential(credentials.get(id), { version, holder: '', now: deps.now() });
      if (known.accounts === undefined || known.hostKeys === undefined || permission.kind !== 'open') {
        return undefined;
      }
      return { accounts: known.accounts, hostKeys: known.hostKeys };
    },
  };
}

/** The list that was read or written last, as it was then: whoever asks compares its age. */
function rememberLists(store: HostListStore, { now }: { now: () => number }): HostListStore {
  const lists = new Map<string, { listedAt: number; hosts: unknown }>();
  return around(store, {
    read: {
      answered: (list, [target]) => {
        if (list !== undefined) lists.set(target, list);
      },
      failed: (error, [target, schema]) => {
        const list = lists.get(target);
        if (list === undefined || !isStateAway(error)) throw error;
        return { listedAt: list.listedAt, hosts: schema.parse(list.hosts) };
      },
    },
    write: { before: ([target, hosts]) => lists.set(target, { listedAt: now(), hosts }) },
  });
}

/** Without the table a process has at most one run per sweep and target: the lease that nobody else can see. */
function rememberLeases(store: RunStore, { now }: { now: () => number }): RunStore {
  const leases = new Map<string, Lease>();
  const keyOf = (sweep: string, target: string) => JSON.stringify([sweep, target]);
  return around(store, {
    acquireLease: {
      answered: (taken, [sweep, target, lease]) => {
        if (taken === 'acquired') leases.set(keyOf(sweep, target), lease);
      },
      failed: (error, [sweep, target, lease]) => {
        const held = leases.get(keyOf(sweep, target));
        if (isStateAway(error) && held !== undefined && held.holder !== lease.holder && held.endsAt > now())
          return { heldBy: held.holder, endsAt: held.endsAt };
        leases.set(keyOf(sweep, target), lease);
        throw error;
      },
    },
    releaseLease: {
      before: ([sweep, target, holder]) => {
        if (leases.get(keyOf(sweep, target))?.holder === holder) leases.delete(keyOf(sweep, target));
      },
    },
  });
}
