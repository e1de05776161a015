import type { Clock } from '../../platform/clock.ts';
import { messageOf, VsweepError } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { Transport } from '../soap/transport.ts';

export interface RetryOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** 0 to 1. */
  readonly random: () => number;
  /** Calls in all. Default 3. */
  readonly attempts?: number;
  /** Mean pause before the second call; it doubles. Default 250 ms. */
  readonly pauseMs?: number;
}

/**
 * Calls that may be made twice. Never a login (the lockout rules), a clone (its ticket is used up), a page (so is
 * its token), the creation of anything, or ListProcessesInGuest, which logs in to the guest.
 */
const REPEATABLE: ReadonlySet<string> = new Set([
  'RetrieveServiceContent',
  'RetrievePropertiesEx',
  'Logout',
  'QueryOptions',
  'QueryPerfProviderSummary',
  'QueryAvailablePerfMetric',
  'QueryPerf',
  'QueryHostStatus',
]);

/** Repeats a repeatable call that failed before its reply began with an error that is marked retryable. */
export function withRetry(transport: Transport, options: RetryOptions): Transport {
  const { clock, log, random, attempts = 3, pauseMs = 250 } = options;
  return async (call, callOptions) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await transport(call, callOptions);
      } catch (error) {
        const again = REPEATABLE.has(call.operation) && error instanceof VsweepError && error.retryable;
        if (!again || attempt >= attempts) throw error;
        log.debug('vSphere call failed; retrying', { operation: call.operation, error: messageOf(error) });
        await clock.sleep(pauseMs * 2 ** (attempt - 1) * (0.5 + random()), { signal: callOptions.signal });
      }
    }
  };
}
