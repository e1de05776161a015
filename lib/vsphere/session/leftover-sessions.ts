import type { Log } from '../../platform/log.ts';
import { VsphereFaultError } from '../errors.ts';
import { callForValue } from '../soap/soap-reply.ts';
import { methodCall, textElement } from '../soap/soap-request.ts';
import { KEEP_ALIVE_MS } from './keep-alive.ts';
import type { VsphereSession } from './session.ts';
import { endOf } from './session-end.ts';
import type { ListedSession, SessionList } from './session-list.ts';

/** How long a session must be over: clocks of machines differ, and a logout may be under way. */
const GRACE_MS = 300_000;

/** No session that a living process keeps alive is idle for so long, whatever its clock says. */
const IDLE_MS = 3 * KEEP_ALIVE_MS;

/** Sessions that one run ends; the next one ends more. */
const MAX_ENDED = 100;

/**
 * The sessions of vsweep that nobody uses any more: of the same user, not the current one, over by their own word,
 * and idle by the vCenter's clock. What carries no end is never among them: it may be held by a living process.
 */
export function leftoverOf({ current, all }: SessionList, now: number): readonly ListedSession[] {
  return all.filter(({ key, userName, userAgent, lastActiveAt }) => {
    const endsAt = endOf(userAgent);
    return (
      endsAt !== undefined &&
      endsAt + GRACE_MS < now &&
      lastActiveAt + IDLE_MS < current.lastActiveAt &&
      userName === current.userName &&
      key !== current.key
    );
  });
}

/** Ends them and answers how many; one that has ended meanwhile counts too. Stops at the first other fault. */
export async function endSessions(
  { content, transport, endpoint }: VsphereSession,
  leftover: readonly ListedSession[],
  { log }: { log: Log },
  { signal }: { signal: AbortSignal },
): Promise<number> {
  let ended = 0;
  for (const { key, userAgent } of leftover.slice(0, MAX_ENDED)) {
    const call = methodCall('TerminateSession', content.sessionManager, textElement('sessionId', key));
    try {
      await callForValue(transport, call, { signal });
    } catch (error) {
      if (!(error instanceof VsphereFaultError) || error.fault !== 'NotFound') throw error;
    }
    ended += 1;
    log.info('session left by an earlier run was ended', { target: endpoint.name, userAgent });
  }
  return ended;
}
