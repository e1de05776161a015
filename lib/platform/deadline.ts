import type { Clock } from './clock.ts';
import { DeadlineError } from './errors.ts';
import { STALL_MS } from './heartbeat.ts';

/** The end of some work, at which `signal` aborts with a DeadlineError; also when the parent signal aborts. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  /** Milliseconds left, never negative. A step of the wall clock changes nothing. */
  remainingMs(): number;
}

export interface DeadlineOptions {
  readonly clock: Clock;
  /** From now, in monotonic time. 0: it is over already. */
  readonly ms: number;
  /** Names the work in the DeadlineError; a function is asked when the time is over. */
  readonly what: string | (() => string);
  readonly signal?: AbortSignal;
  /**
   * When this process was stalled for more than STALL_MS within the time, the end comes later by as much, because what
   * others sent meanwhile was not read; by this at most in all, and never later than that of the parent. Default 0: for
   * an end that others rely on.
   */
  readonly patienceMs?: number;
  /** Asked before the end comes later by so many milliseconds; where it answers false, the time is over. */
  readonly mayProlong?: (ms: number) => Promise<boolean>;
}

/** Starts a deadline. Dispose it (`using`) when the work is done: it holds a timer until then. */
export function startDeadline(options: DeadlineOptions): Deadline {
  const { clock, ms: givenMs, what, signal: parent, patienceMs = 0, mayProlong = always } = options;
  const timeout = new AbortController();
  const finished = new AbortController();
  const stall = watchStalls(clock, patienceMs);
  /** By the monotonic clock, of the wait that is under way. */
  let end = 0;
  const late = () => new DeadlineError(typeof what === 'string' ? what : what(), stall.totalMs());
  const remainingMs = () => Math.max(0, end - clock.monotonic()) || stall.graceMs();
  const wait = async () => {
    let ms = givenMs;
    do {
      end = clock.monotonic() + ms;
      await clock.sleep(ms, { signal: finished.signal });
      ms = stall.takeGrace();
    } while (ms > 0 && (await mayProlong(ms)));
    timeout.abort(late());
  };
  if (givenMs <= 0) timeout.abort(late());
  else wait().catch(() => undefined);
  return {
    signal: parent === undefined ? timeout.signal : AbortSignal.any([parent, timeout.signal]),
    remainingMs: () => (timeout.signal.aborted ? 0 : remainingMs()),
    [Symbol.dispose]: () => finished.abort(FINISHED),
  };
}

const always = async () => true;

/** How long this process was stalled since the wait began that is under way, and what is left of the patience. */
function watchStalls({ stalledMs: nowMs = () => 0 }: Clock, patienceMs: number) {
  const startMs = nowMs();
  let beganMs = startMs;
  let spentMs = 0;
  const graceMs = () => {
    const ms = nowMs() - beganMs;
    return ms > STALL_MS ? Math.min(ms, patienceMs - spentMs) : 0;
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

/**
 * Runs `work` for at most `ms`, and as long again at most where this process was stalled; its signal also follows
 * `signal`.
 */
export async function withTimeLimit<T>(
  limit: Omit<DeadlineOptions, 'patienceMs' | 'mayProlong'>,
  work: (signal: AbortSignal, deadline: Deadline) => Promise<T>,
): Promise<T> {
  using deadline = startDeadline({ ...limit, patienceMs: limit.ms });
  return await work(deadline.signal, deadline);
}
