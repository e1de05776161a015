import type { Clock } from './clock.ts';
import { DeadlineError } from './errors.ts';

/** A point in time after which `signal` aborts with a DeadlineError; also when the parent signal aborts. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
  /** Milliseconds left, never negative. */
  remainingMs(): number;
}

/**
 * Starts a deadline. Dispose it (`using`) when the work is done: it holds a timer until then.
 * `what` names the work in the DeadlineError; a function is asked when the time is over.
 */
export function startDeadline(options: {
  clock: Clock;
  endsAt: number;
  what: string | (() => string);
  signal?: AbortSignal;
}): Deadline {
  const { clock, endsAt, what, signal: parent } = options;
  const timeout = new AbortController();
  const finished = new AbortController();
  const late = () => new DeadlineError(typeof what === 'string' ? what : what());
  const remainingMs = () => Math.max(0, endsAt - clock.now());
  if (remainingMs() === 0) timeout.abort(late());
  else {
    clock.sleep(remainingMs(), { signal: finished.signal }).then(
      () => timeout.abort(late()),
      () => undefined,
    );
  }
  return {
    signal: parent === undefined ? timeout.signal : AbortSignal.any([parent, timeout.signal]),
    endsAt,
    remainingMs,
    [Symbol.dispose]: () => finished.abort(FINISHED),
  };
}

/** Nobody sees it. Without a reason, abort makes an exception with its stack, which costs more than the timer. */
const FINISHED = 'finished';

/** Runs `work` for at most `ms`; its signal also follows `signal`. */
export async function withTimeLimit<T>(
  options: { clock: Clock; ms: number; what: string; signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { clock, ms, what, signal } = options;
  using deadline = startDeadline({ clock, endsAt: clock.now() + ms, what, signal });
  return await work(deadline.signal);
}
