import * as z from 'zod';
import { ABSENT, type Condition } from '../conditions.ts';
import { joinKey, parseItem } from '../item.ts';
import type { Table } from '../port.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** What is known of a credential over all hosts and runs. Times are milliseconds since the epoch. */
export interface CredentialState {
  /** `secret:<id>`, `env:<PREFIX>`, `file:<path>`. */
  readonly id: string;
  /** The version that a host accepted last. */
  readonly provenVersion?: string;
  /** The version that one host accepted where two have to, in the last run that tried it. */
  readonly acceptedOnce?: string;
  /** The address that accepted it, which is asked first when a new version is tried. */
  readonly acceptedBy?: string;
  /** Set while hosts refuse it: `tries` counts how often it was tried since. */
  readonly suspended?: { readonly version: string; readonly tries: number; readonly nextTryAt: number };
  /** The run that tries it at the moment, `since` when. */
  readonly trial?: { readonly holder: string; readonly endsAt: number; readonly since?: number };
}

/** A credential's state with the number of its changes, by which the next change is made conditional. */
export interface RevisedState {
  readonly state: CredentialState;
  /** 0: nothing is stored yet. */
  readonly revision: number;
}

/** What is known of each credential over all hosts and runs. */
export interface CredentialStateStore {
  read(id: string, options: Options): Promise<RevisedState>;
  /** Replaces the state unless somebody changed it since it was read; answers the new revision, or undefined. */
  replace(next: CredentialState, seen: RevisedState, options: Options): Promise<RevisedState | undefined>;
  /** Every credential that anything is known of. */
  list(ids: readonly string[], options: Options): Promise<readonly CredentialState[]>;
}

const stateItem = z.object({
  id: z.string(),
  revision: z.int().min(1),
  provenVersion: z.string().exactOptional(),
  acceptedOnce: z.string().exactOptional(),
  acceptedBy: z.string().exactOptional(),
  suspended: z.object({ version: z.string(), tries: z.int().min(1), nextTryAt: z.number() }).exactOptional(),
  trial: z
    .object({ holder: z.string(), endsAt: z.number(), since: z.number().exactOptional() })
    .exactOptional(),
});

export function createCredentialStateStore({ table }: { table: Table }): CredentialStateStore {
  const read = async (id: string, options: Options): Promise<RevisedState> => {
    const item = await table.get(keyOf(id), options);
    if (item === undefined) return { state: { id }, revision: 0 };
    const { revision, ...state } = parseItem(stateItem, item);
    return { state, revision };
  };
  return {
    read,
    async replace(next, { revision }, options) {
      const unchanged: Condition = revision === 0 ? ABSENT : { equals: ['revision', revision] };
      const item = { ...keyOf(next.id), ...next, revision: revision + 1 };
      if (!(await table.putIf(unchanged, item, options))) return undefined;
      return { state: next, revision: revision + 1 };
    },
    async list(ids, options) {
      const known = await Promise.all(ids.map((id) => read(id, options)));
      return known.filter(({ revision }) => revision > 0).map(({ state }) => state);
    },
  };
}

const keyOf = (id: string) => ({ pk: joinKey('credential', id), sk: 'state' });
