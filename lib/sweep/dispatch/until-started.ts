import type { Clock } from '../../platform/clock.ts';
import { InvokeError } from '../../platform/invoke.ts';

const FIRST_PAUSE_MS = 250;
/** As a place among the workers comes free with the end of one, which takes seconds. */
const LONGEST_PAUSE_MS = 2_000;
/** Where Lambda is out of reach, waiting on would only hide it. */
const MAX_ATTEMPTS = 6;

/**
 * Calls a worker again while it surely was not started: because of throttling, or because its function is not ready,
 * until it is or the signal ends; where Lambda is out of reach, six times. The pauses double up to two seconds and are
 * spread by half to either side, so that those who wait do not come back together. After each refusal `instead` may
 * begin what is done in the place of the call.
 */
export async function untilStarted<T>(
  call: () => Promise<T>,
  {
    clock,
    random,
    signal,
    instead,
  }: {
    clock: Clock;
    random: () => number;
    signal: AbortSignal;
    instead?: (refusal: InvokeError) => Promise<T> | undefined;
  },
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof InvokeError && error.retryable)) throw error;
      const other = instead?.(error);
      if (other !== undefined) return await other;
      if (error.code === 'unreachable' && attempt === MAX_ATTEMPTS) throw error;
    }
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
    await clock.sleep(pauseMs * (0.5 + random()), { signal });
  }
}
