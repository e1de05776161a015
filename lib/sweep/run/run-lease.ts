import type { Clock } from '../../platform/clock.ts';
import { withTimeLimit } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { latestLeaseEnd, type RunStore } from '../../state/stores/runs.ts';

/** The record that this run is under way on a target. */
export interface RunLease {
  /** False when another run holds it by now; true also when the table cannot be asked: a result is not thrown away. */
  isHeld(options: { signal: AbortSignal }): Promise<boolean>;
  /**
   * Lets it end so many milliseconds from now. False when another run holds it by now; true also when the table cannot
   * be asked, as for `isHeld`. Never rejects; has its own time limit.
   */
  prolong(ms: number): Promise<boolean>;
  /** Never rejects; has its own time limit. */
  release(): Promise<void>;
}

/** For giving it back, and for prolonging it. */
const WRITE_MS = 2_000;

const TRY = 'try-';
/** The id of a run that asks one host for an operator, which the runs of its sweep wait for. */
export const idOfTry = (id: string): string => `${TRY}${id}`;
const isTry = (runId: string): boolean => runId.startsWith(TRY);
/** Its run lasts no longer. */
export const MAX_TRY_MS = 60_000;
const POLL_MS = 500;

/**
 * Takes the lease of a sweep on a target; undefined when another run holds it. For one that tries a metric on one host it
 * waits. Without the table the run goes on without one.
 */
export async function takeLease(
  run: {
    sweep: string;
    target: string;
    holder: string;
    endsAt: number;
    everyMs: number;
    /** Milliseconds that it may wait. */
    patienceMs?: number;
  },
  deps: { runs: RunStore; clock: Clock; log: Log },
  options: { signal: AbortSignal },
): Promise<RunLease | undefined> {
  const { sweep, target, holder, endsAt, everyMs, patienceMs = 0 } = run;
  const warn = (message: string) => (error: unknown) => {
    deps.log.warn(message, { sweep, target, error: messageOf(error) });
    return undefined;
  };
  const { clock } = deps;
  const acquire = () =>
    deps.runs.acquireLease(
      sweep,
      target,
      { holder, endsAt, latestEnd: latestLeaseEnd(everyMs, clock.now()) },
      options,
    );
  const waitUntil = clock.monotonic() + patienceMs;
  const acquirePatiently = async () => {
    let answer = await acquire();
    while (answer !== 'acquired' && isTry(answer.heldBy) && !isTry(holder) && clock.monotonic() < waitUntil) {
      await clock.sleep(POLL_MS, options);
      answer = await acquire();
    }
    return answer;
  };
  const taken = await acquirePatiently().catch(
    warn('the lease could not be taken; the run goes on without it'),
  );
  if (typeof taken === 'object') {
    deps.log.info('skipped: another run of this sweep is under way', { sweep, target, holder: taken.heldBy });
    return undefined;
  }
  const write = <T>(what: string, work: (options: { signal: AbortSignal }) => Promise<T>): Promise<T> => {
    const limit = { clock: deps.clock, ms: WRITE_MS, what, signal: new AbortController().signal };
    return withTimeLimit(limit, (signal) => work({ signal }));
  };
  let isLost = false;
  return {
    async isHeld(confirmOptions) {
      if (taken === undefined || isLost) return !isLost;
      const confirmed = await deps.runs
        .confirmLease(sweep, target, holder, confirmOptions)
        .catch(warn('the lease could not be confirmed; the result is pushed'));
      return confirmed ?? true;
    },
    async prolong(ms) {
      if (taken === undefined) return true;
      const until = deps.clock.now() + ms + WRITE_MS;
      const prolonged = await write('extending the lease', (limited) =>
        deps.runs.confirmLease(sweep, target, holder, { ...limited, endsAt: until }),
      ).catch(
        warn('the lease could not be extended after a stall of this process; the run finishes without it'),
      );
      isLost = prolonged === false;
      if (isLost)
        deps.log.warn('another run began while this process was stalled; this run ends', { sweep, target });
      return !isLost;
    },
    async release() {
      if (taken === undefined) return;
      await write('releasing the lease', (limited) =>
        deps.runs.releaseLease(sweep, target, holder, limited),
      ).catch(warn('the lease could not be released; it expires by itself'));
    },
  };
}
