import pLimit from 'p-limit';
import type { Clock } from '../../platform/clock.ts';
import { takePlace } from '../../platform/take-place.ts';

/**
 * Key exchanges take this process's own processor. All at once, each would last as long as all together, until logins
 * ran out of time for what this process could not do: refusals that no host gave. So they take turns, and a login's
 * time begins with its turn. It is taken once TCP is connected: a host that is not there costs no other one a turn.
 */
export interface LoginTurns {
  /** Waits for a turn; rejects with the signal's reason. Call what it answers when the keys are exchanged. */
  take(options: { signal: AbortSignal }): Promise<() => void>;
}

/** With 1 to 3 ms of processor each, far below any time-out together; enough to keep it busy over slow networks. */
const AT_ONCE = 64;
/** A host that is connected and silent keeps its turn no longer. */
const TURN_MS = 250;

export function createLoginTurns({ clock, atOnce = AT_ONCE }: { clock: Clock; atOnce?: number }): LoginTurns {
  const limit = pLimit(atOnce);
  const hold = (over: AbortSignal) => clock.sleep(TURN_MS, { signal: over }).catch(() => undefined);
  return { take: (options) => takePlace(limit, options, hold) };
}
