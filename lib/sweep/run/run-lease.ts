import { MAX_PATIENCE_MS } from '../../config/run-times.ts';
import type { Clock } from '../../platform/clock.ts';
import { withTimeLimit } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { type Lease, latestLeaseEnd, type RunStore } from '../../state/stores/runs.ts';
import { findRunFirst, openRunFirst, type RunFirstDeps } from './run-first.ts';

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
/** Its run lasts no longer, whoever asks for it. */
export const MAX_TRY_MS = MAX_PATIENCE_MS;
const POLL_MS = 500;

/**
 * Takes the lease of a sweep on a target; undefined when another run holds it. For a run of one host it waits, with a record
 * at which all further ones give way: each looks for it before it takes the lease, and again when it has it, so that one that
 * was paused between gives it back. Without the table the run goes on without a lease.
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
  const how = { acquire, patienceMs };
  const acquiring = isTry(holder)
    ? acquireForTry(run, how, deps, options)
    : acquireForRun(run, how, deps, options);
  const taken = await acquiring.catch(warn('the lease could not be taken; the run goes on without it'));
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

type Acquired = Awaited<ReturnType<RunStore['acquireLease']>>;
type Named = Parameters<typeof findRunFirst>[0] & { readonly holder: string };
interface Acquiring {
  acquire(): Promise<Acquired>;
  readonly patienceMs: number;
}

/** A run waits for runs of one host, on record, and for no other. */
async function acquireForRun(
  { sweep, target, holder: runId }: Named,
  { acquire, patienceMs }: Acquiring,
  deps: RunFirstDeps,
  options: { signal: AbortSignal },
): Promise<Acquired> {
  const { clock } = deps;
  const waitUntil = clock.monotonic() + patienceMs;
  const first = openRunFirst({ sweep, target, runId }, deps);
  try {
    let answer = await acquire();
    while (answer !== 'acquired' && isTry(answer.heldBy) && clock.monotonic() < waitUntil) {
      await first.announce(waitUntil - clock.monotonic(), options);
      await clock.sleep(POLL_MS, options);
      answer = await acquire();
    }
    return answer;
  } finally {
    await first.withdraw();
  }
}

/** A run of one host does not go before a run that waits, also not when it learns of it late. */
async function acquireForTry(
  of: Named,
  { acquire }: Acquiring,
  deps: RunFirstDeps,
  options: { signal: AbortSignal },
): Promise<Acquired> {
  const giveWay = ({ holder: heldBy, endsAt }: Lease) => ({ heldBy, endsAt });
  const before = await findRunFirst(of, deps, options);
  if (before !== undefined) return giveWay(before);
  const answer = await acquire();
  const meanwhile = answer === 'acquired' ? await findRunFirst(of, deps, options) : undefined;
  if (meanwhile === undefined) return answer;
  // Where that fails it ends by itself.
  await deps.runs.releaseLease(of.sweep, of.target, of.holder, options).catch(() => undefined);
  return giveWay(meanwhile);
}
