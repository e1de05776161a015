import { missingFor } from '../test/support/peers/peer-requirements.ts';
import { startVcsim, type Vcsim } from '../test/support/peers/vcsim.ts';

export const HOSTS = 1_000;
export const MACHINES = 4_000;
const CLUSTERS = 10;
/** The simulator makes its inventory one by one, each slower than the one before. */
const START_MS = 600_000;

/** One simulated vCenter for all groups that want a large one. Dispose it when they are done. */
export interface BigVcsim extends AsyncDisposable {
  /** Why there is none here. */
  readonly missing: string | undefined;
  /** Starts it, which takes minutes, when it is first asked for. */
  start(): Promise<Vcsim>;
}

export function openBigVcsim({ clusters = CLUSTERS, hosts = HOSTS, machines = MACHINES } = {}): BigVcsim {
  const missing = missingFor('vcsim');
  let started: Promise<Vcsim> | undefined;
  return {
    missing: missing.length > 0 ? missing.join('; ') : undefined,
    start() {
      started ??= startVcsim({
        clusters,
        hostsPerCluster: hosts / clusters,
        machinesPerCluster: machines / clusters,
        startMs: START_MS,
      });
      return started;
    },
    async [Symbol.asyncDispose]() {
      await (await started)?.[Symbol.asyncDispose]();
    },
  };
}
