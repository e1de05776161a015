import { type Board, type BoardHost, type BoardSweep, own } from './board.ts';

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
  readonly clusters: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly accounts: readonly AccountLeftAlone[];
  readonly groups: readonly { readonly job: string; readonly instance: string }[];
}

export const NO_SURROUNDINGS: Surroundings = { clusters: new Map(), accounts: [], groups: [] };

/** What the page gets as JSON; times in milliseconds since the epoch. */
export interface PageModel extends Omit<Surroundings, 'clusters'> {
  readonly version: string;
  readonly sweeps: readonly (BoardSweep & Pick<ProcessSweep, 'everyMs'>)[];
  /** What the process says of its sweeps, also of those of which no run has ended. */
  readonly process: readonly ProcessSweep[];
  readonly targets: readonly {
    readonly name: string;
    readonly site: string;
    readonly clusters: readonly { readonly name: string; readonly hosts: readonly BoardHost[] }[];
  }[];
}

/** A sweep, as the process says of it. */
export interface ProcessSweep {
  readonly name: string;
  readonly everyMs: number;
  readonly isStuck: boolean;
  /** Runs that ended by an internal error, since the start. */
  readonly broken: number;
}

/** Names are put in order as a person does, so that esx2 stands before esx10. */
let collator: Intl.Collator | undefined;

/** Made when it is needed: it takes a start 10 ms. */
function byName(one: string, other: string): number {
  collator ??= new Intl.Collator('en', { numeric: true });
  return collator.compare(one, other);
}

export function toPageModel(
  board: Board,
  { clusters, accounts, groups }: Surroundings,
  process: {
    readonly version: string;
    readonly sweeps: readonly ProcessSweep[];
    readonly targets: readonly { readonly name: string; readonly site: string }[];
  },
): PageModel {
  const everyMs = new Map(process.sweeps.map((sweep) => [sweep.name, sweep.everyMs]));
  return {
    version: process.version,
    accounts,
    groups,
    process: process.sweeps.map(({ name, everyMs: every, isStuck, broken }) => ({
      name,
      everyMs: every,
      isStuck,
      broken,
    })),
    sweeps: board.sweeps.map((one) => ({ ...one, everyMs: everyMs.get(one.sweep) ?? 0 })),
    targets: process.targets.map(({ name, site }) => ({
      name,
      site,
      clusters: toClusters(Object.values(own(board.hosts, name) ?? {}), clusters.get(name)),
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
