import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { PushError } from './errors.ts';

export interface RetryOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** In [0, 1), as Math.random. */
  readonly random: () => number;
}

const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 500;

/**
 * Calls `attempt` until it resolves, at most three times, while it rejects with a retryable PushError. The pauses
 * double and are spread by half to either side; the signal ends them.
 */
export async function retryPush<T>(
  attempt: () => Promise<T>,
  { clock, log, random }: RetryOptions,
  { signal }: { signal: AbortSignal },
): Promise<T> {
  for (let made = 1; ; made += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof PushError && error.retryable) || made === ATTEMPTS) throw error;
      log.warn('the Pushgateway failed and is tried again', {
        error: error.message,
        attempt: made,
        of: ATTEMPTS,
      });
    }
    await clock.sleep(FIRST_PAUSE_MS * 2 ** (made - 1) * (0.5 + random()), { signal });
  }
}
