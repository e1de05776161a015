import type { AddressMap } from '../../state/address-map.ts';
import { isStateAway } from '../../state/errors.ts';
import type { State } from '../../state/state.ts';
import type { AccountHistory } from '../../state/stores/account-history.ts';
import type { CredentialState, CredentialStateStore } from '../../state/stores/credential-states.ts';
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
      credentialStates: rememberCredentials(state.credentialStates, credentials),
      flights: {
        ...state.flights,
        async begin(sweep, target, ...rest) {
          await state.flights.begin(sweep, target, ...rest);
          flown.add(runOf(sweep, target));
        },
      },
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

function rememberCredentials(
  store: CredentialStateStore,
  known: Map<string, CredentialState>,
): CredentialStateStore {
  return {
    ...store,
    async read(id, options) {
      const read = await store.read(id, options);
      known.set(id, read.state);
      return read;
    },
    async replace(next, seen, options) {
      const written = await store.replace(next, seen, options);
      if (written !== undefined) known.set(next.id, next);
      return written;
    },
  };
}

/** The list that was read or written last, as it was then: whoever asks compares its age. */
function rememberLists(store: HostListStore, { now }: { now: () => number }): HostListStore {
  const lists = new Map<string, { listedAt: number; hosts: unknown }>();
  return {
    async read(target, schema, options) {
      try {
        const list = await store.read(target, schema, options);
        if (list !== undefined) lists.set(target, list);
        return list;
      } catch (error) {
        const list = lists.get(target);
        if (list === undefined || !isStateAway(error)) throw error;
        return { listedAt: list.listedAt, hosts: schema.parse(list.hosts) };
      }
    },
    async write(target, hosts, options) {
      lists.set(target, { listedAt: now(), hosts });
      await store.write(target, hosts, options);
    },
  };
}

/** Without the table a process has at most one run per sweep and target: the lease that nobody else can see. */
function rememberLeases(store: RunStore, { now }: { now: () => number }): RunStore {
  const leases = new Map<string, Lease>();
  const keyOf = (sweep: string, target: string) => JSON.stringify([sweep, target]);
  return {
    ...store,
    async acquireLease(sweep, target, lease, options) {
      const key = keyOf(sweep, target);
      try {
        const taken = await store.acquireLease(sweep, target, lease, options);
        if (taken === 'acquired') leases.set(key, lease);
        return taken;
      } catch (error) {
        const held = leases.get(key);
        if (isStateAway(error) && held !== undefined && held.holder !== lease.holder && held.endsAt > now()) {
          return { heldBy: held.holder, endsAt: held.endsAt };
        }
        leases.set(key, lease);
        throw error;
      }
    },
    async releaseLease(sweep, target, holder, options) {
      const key = keyOf(sweep, target);
      if (leases.get(key)?.holder === holder) leases.delete(key);
      await store.releaseLease(sweep, target, holder, options);
    },
  };
}
