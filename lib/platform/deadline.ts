import type { Clock } from './clock.ts';
import { DeadlineError } from './errors.ts';
import { type Heartbeat, STALL_MS } from './heartbeat.ts';

/** A point in time after which `signal` aborts with a DeadlineError; also when the parent signal aborts. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
  /** Milliseconds left, never negative. A step of the wall clock changes nothing. */
  remainingMs(): number;
}

/** For a deadline that does not hold it against others when this process did not run. */
export interface Patience {
  readonly heartbeat: Heartbeat;
  /** Stalls move the end by their own length, and all of them together by this at most. */
  readonly atMostMs: number;
}

/**
 * Starts a deadline. Dispose it (`using`) when the work is done: it holds a timer until then.
 * `what` names the work in the DeadlineError; a function is asked when the time is over. With `patience` the end comes
 * later when this process was stalled for more than STALL_MS before it, because what others sent meanwhile was not
 * read; never later than that of the parent.
 */
export function startDeadline(options: {
  clock: Clock;
  endsAt: number;
  what: string | (() => string);
  signal?: AbortSignal;
  patience?: Patience | undefined;
}): Deadline {
  const { clock, endsAt, what, signal: parent, patience } = options;
  const timeout = new AbortController();
  const finished = new AbortController();
  const stall = watchStalls(patience);
  let end = clock.monotonic() + Math.max(0, endsAt - clock.now());
  const late = () => new DeadlineError(typeof what === 'string' ? what : what(), stall.totalMs());
  const remainingMs = () => Math.max(0, end - clock.monotonic()) || stall.graceMs();
  const wait = async () => {
    for (let ms = Math.max(0, end - clock.monotonic()); ms > 0; ms = stall.takeGrace()) {
      end = clock.monotonic() + ms;
      await clock.sleep(ms, { signal: finished.signal });
    }
    timeout.abort(late());
  };
  if (endsAt <= clock.now()) timeout.abort(late());
  else wait().catch(() => undefined);
  return {
    signal: parent === undefined ? timeout.signal : AbortSignal.any([parent, timeout.signal]),
    endsAt,
    remainingMs: () => (timeout.signal.aborted ? 0 : remainingMs()),
    [Symbol.dispose]: () => finished.abort(FINISHED),
  };
}

/** How long this process was stalled since the wait began that is under way, and what is left of the patience. */
function watchStalls(patience: Patience | undefined) {
  const nowMs = () => patience?.heartbeat.stalledMs() ?? 0;
  const startMs = nowMs();
  let beganMs = startMs;
  let spentMs = 0;
  const graceMs = () => {
    const ms = nowMs() - beganMs;
    if (patience === undefined || ms <= STALL_MS) return 0;
    return Math.min(ms, patience.atMostMs - spentMs);
  };
  return {
    totalMs: () => nowMs() - startMs,
    graceMs,
    /** Another wait of so long begins. */
    takeGrace() {
      const ms = graceMs();
      spentMs += ms;
      beganMs = nowMs();
      return ms;
    },
  };
}

/** Nobody sees it. Without a reason, abort makes an exception with its stack, which costs more than the timer. */
const FINISHED = 'finished';

/** Runs `work` for at most `ms`; its signal also follows `signal`. */
export async function withTimeLimit<T>(
  options: { clock: Clock; ms: number; what: string; signal: AbortSignal; patience?: Patience | undefined },
  work: (signal: AbortSignal, deadline: Deadline) => Promise<T>,
): Promise<T> {
  const { clock, ms, ...others } = options;
  using deadline = startDeadline({ ...others, clock, endsAt: clock.now() + ms });
  return await work(deadline.signal, deadline);
}
