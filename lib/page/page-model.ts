import type { Board, BoardHost, BoardSweep } from './board.ts';

/** An account that is not tried now. */
export interface AccountLeftAlone {
  readonly user: string;
  readonly address: string;
  /** What vCenter calls the hosts there. */
  readonly hosts: readonly string[];
  readonly refusals: number;
  /** When it is tried again, as `blacklist list` says it. */
  readonly next: string;
  /** The command that lifts it. */
  readonly lift: string;
}

/** What the state says beside the runs. */
export interface Surroundings {
  /** The cluster of each host in the last host list: by target, then by managed object id. */
  readonly clusters: Readonly<Record<string, ReadonlyMap<string, string>>>;
  readonly accounts: readonly AccountLeftAlone[];
  readonly groups: readonly { readonly job: string; readonly instance: string }[];
}

export const NO_SURROUNDINGS: Surroundings = { clusters: {}, accounts: [], groups: [] };

/** What the page gets as JSON; times in milliseconds since the epoch. */
export interface PageModel extends Omit<Surroundings, 'clusters'> {
  readonly version: string;
  readonly sweeps: readonly (BoardSweep & { readonly everyMs: number; readonly isStuck: boolean })[];
  readonly targets: readonly {
    readonly name: string;
    readonly site: string;
    readonly clusters: readonly { readonly name: string; readonly hosts: readonly BoardHost[] }[];
  }[];
}

/** Names are put in order as a person does, so that esx2 stands before esx10. */
const byName = new Intl.Collator('en', { numeric: true }).compare;

export function toPageModel(
  board: Board,
  { clusters, accounts, groups }: Surroundings,
  process: {
    readonly version: string;
    readonly sweeps: readonly {
      readonly name: string;
      readonly everyMs: number;
      readonly isStuck: boolean;
    }[];
    readonly targets: readonly { readonly name: string; readonly site: string }[];
  },
): PageModel {
  const sweepOf = new Map(process.sweeps.map((sweep) => [sweep.name, sweep]));
  return {
    version: process.version,
    accounts,
    groups,
    sweeps: board.sweeps.map((one) => {
      const { everyMs = 0, isStuck = false } = sweepOf.get(one.sweep) ?? {};
      return { ...one, everyMs, isStuck };
    }),
    targets: process.targets.map(({ name, site }) => ({
      name,
      site,
      clusters: toClusters(Object.values(board.hosts[name] ?? {}), clusters[name]),
    })),
  };
}

/** Hosts of which no list is known, or that stand alone, are in a cluster without a name. */
function toClusters(
  hosts: readonly BoardHost[],
  clusterOf: ReadonlyMap<string, string> | undefined,
): PageModel['targets'][number]['clusters'] {
  const clusters = Map.groupBy(hosts, ({ moref }) => clusterOf?.get(moref) ?? '');
  return [...clusters]
    .map(([name, those]) => ({ name, hosts: those.toSorted((one, other) => byName(one.name, other.name)) }))
    .toSorted((one, other) => byName(one.name, other.name));
}
