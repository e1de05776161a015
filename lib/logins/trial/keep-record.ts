import type { Clock } from '../../platform/clock.ts';
import { withTimeLimit } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { RECORD_MS } from './guarded-login.ts';

/** The state table could not be written: the worker starts no further login. */
export interface LoginGate {
  open: boolean;
}

/**
 * Writes into the state table what a worker does at one host. Under its own time limit: the records must be right even
 * when the worker's time is over. False when it failed: that is logged as `failure`, and shuts the gate. Never rejects.
 */
export async function keepRecord(
  { host, what, failure, gate }: { host: string; what: string; failure: string; gate: LoginGate },
  { clock, log }: { clock: Clock; log: Log },
  work: (options: { signal: AbortSignal }) => Promise<unknown>,
): Promise<boolean> {
  const limit = {
    clock,
    ms: RECORD_MS,
    what,
    signal: new AbortController().signal,
  };
  try {
    await withTimeLimit(limit, (signal) => work({ signal }));
    return true;
  } catch (error) {
    gate.open = false;
    log.error(failure, { host, error: messageOf(error) });
    return false;
  }
}
