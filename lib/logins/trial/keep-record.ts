import type { Clock } from '../../platform/clock.ts';
import { withTimeLimit } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';

/** How long after its end a login may take to be on record: a login is given up so long before its process ends. */
export const RECORD_MS = 5_000;

/** The state table could not be written: the worker starts no further login. */
export interface LoginGate {
  open: boolean;
}

/**
 * Writes into the state table what became of a login. Under its own time limit: the records must be right even when the
 * login's time is over. False when it failed: that is logged as `failure`, and shuts the gate. Never rejects.
 */
export async function keepRecord(
  {
    what,
    failure,
    of,
    gate,
  }: { what: string; failure: string; of: Readonly<Record<string, string>>; gate?: LoginGate },
  { clock, log }: { clock: Clock; log: Log },
  work: (options: { signal: AbortSignal }) => Promise<unknown>,
): Promise<boolean> {
  const { signal } = new AbortController();
  try {
    await withTimeLimit({ clock, ms: RECORD_MS, what, signal }, (limited) => work({ signal: limited }));
    return true;
  } catch (error) {
    if (gate !== undefined) gate.open = false;
    log.error(failure, { ...of, error: messageOf(error) });
    return false;
  }
}
