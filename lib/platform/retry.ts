import type { Clock } from './clock.ts';
import { messageOf, VsweepError } from './errors.ts';
import type { Log } from './log.ts';

export interface RetryOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** In [0, 1), as Math.random. */
  readonly random: () => number;
  /** In all; default 3. */
  readonly attempts?: number;
}

const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 500;

/**
 * Calls `attempt` until it resolves, at most `attempts` times, while it rejects with a retryable VsweepError. The pauses
 * double and are spread by half to either side, and are no shorter than the error asks for; the signal ends them. Only
 * for what may be done twice.
 */
export async function retry<T>(
  what: string,
  attempt: () => Promise<T>,
  { clock, log, random, attempts = ATTEMPTS, signal }: RetryOptions & { readonly signal: AbortSignal },
): Promise<T> {
  for (let made = 1; ; made += 1) {
    let pauseMs = FIRST_PAUSE_MS * 2 ** (made - 1) * (0.5 + random());
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof VsweepError && error.retryable) || made === attempts || signal.aborted)
        throw error;
      pauseMs = Math.max(pauseMs, error.retryAfterMs ?? 0);
      log.warn(`${what} failed; retrying`, {
        error: messageOf(error),
        attempt: made,
        of: attempts,
      });
    }
    await clock.sleep(pauseMs, { signal });
  }
}
