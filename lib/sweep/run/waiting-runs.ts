import type { Clock } from '../../platform/clock.ts';
import { latestLeaseEnd, type RunStore } from '../../state/stores/runs.ts';

export interface WaitingRunsDeps {
  readonly runs: Pick<RunStore, 'acquireLease' | 'releaseLease' | 'readLease'>;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
}

/** In the place of a sweep's name: that a run of the sweep waits for the turn of asking hosts. */
const waitOf = (sweep: string): string => `#waits:${sweep}`;
/** It is renewed at each look for the turn, every five seconds at least: of a run that died it is soon over. */
const WAIT_MS = 15_000;
/** A turn lasts so long at least, so that whoever gives way gets on. */
const MIN_TURN_MS = 1_000;
const LOOK_EVERY_MS = 1_000;

interface Options {
  readonly signal: AbortSignal;
}

/**
 * Runs that wait for the turn of asking the hosts of a target, as records that end by themselves. They say only who comes
 * first: whoever has the turn has it, whatever stands here. So no failure here costs anybody more than time.
 */
export interface WaitingRuns {
  announce(options: Options): Promise<void>;
  withdraw(options: Options): Promise<void>;
  /** Whether a run of any of these sweeps waits; no where that cannot be read. */
  areThere(sweeps: readonly string[], options: Options): Promise<boolean>;
}

export function openWaitingRuns(
  { sweep, target, runId }: { sweep: string; target: string; runId: string },
  { runs, clock }: WaitingRunsDeps,
): WaitingRuns {
  let isAnnounced = false;
  return {
    async announce(options) {
      isAnnounced = true;
      const now = clock.now();
      const wait = { holder: runId, endsAt: now + WAIT_MS, latestEnd: latestLeaseEnd(WAIT_MS, now) };
      await runs.acquireLease(waitOf(sweep), target, wait, options).catch(() => undefined);
    },
    async withdraw(options) {
      if (!isAnnounced) return;
      isAnnounced = false;
      await runs.releaseLease(waitOf(sweep), target, runId, options).catch(() => undefined);
    },
    async areThere(sweeps, options) {
      const read = (one: string) => runs.readLease(waitOf(one), target, options).catch(() => undefined);
      const now = clock.now();
      const waits = await Promise.all(sweeps.map(read));
      return waits.some(
        (wait) => wait !== undefined && wait.endsAt > now && wait.endsAt <= latestLeaseEnd(WAIT_MS, now),
      );
    },
  };
}

/**
 * Whether a turn that was just taken is to be given back: looked up now and then, and once it is wanted it stays so. Asked
 * for the first time it is not, so that each turn gets on, however long it prepared; what it took for that counts.
 */
export function lookForWaiting(
  look: (options: Options) => Promise<boolean>,
  clock: Pick<Clock, 'monotonic'>,
): (options: Options) => Promise<boolean> {
  let nextLook = clock.monotonic() + MIN_TURN_MS;
  let isFirst = true;
  let isWanted = false;
  return async (options) => {
    const now = clock.monotonic();
    const isFree = isFirst;
    isFirst = false;
    if (isFree || isWanted || now < nextLook) return isWanted;
    nextLook = now + LOOK_EVERY_MS;
    isWanted = await look(options);
    return isWanted;
  };
}
