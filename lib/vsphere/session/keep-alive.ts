import type { Clock } from '../../platform/clock.ts';
import { withTimeLimit } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { isNotAuthenticated } from '../errors.ts';
import { callForValue } from '../soap/soap-reply.ts';
import { methodCall } from '../soap/soap-request.ts';
import type { VsphereSession } from './session.ts';

/**
 * A session is idle for twice as long at most. vCenter ends idle ones after 120 minutes, hostd after 30 where it is
 * hardened (CIS), and some set less.
 */
export const KEEP_ALIVE_MS = 300_000;

const TOUCH_MS = 30_000;
const TOUCH = methodCall('CurrentTime', { type: 'ServiceInstance', value: 'ServiceInstance' });

/**
 * Touches a session that nobody used for `everyMs`, until it is disposed: dispose it before the logout. It keeps no
 * process alive and never logs in: when the session has ended it says so once and stops.
 */
export function startKeepAlive(
  session: Pick<VsphereSession, 'endpoint' | 'transport' | 'measurements'>,
  options: { clock: Clock; log: Log; everyMs?: number; onEnded?: () => void },
): Disposable {
  const { clock, log, everyMs = KEEP_ALIVE_MS, onEnded } = options;
  const stopped = new AbortController();
  const { signal } = stopped;

  const touch = async () => {
    try {
      await withTimeLimit({ clock, ms: TOUCH_MS, what: 'keeping a session alive', signal }, (limited) =>
        callForValue(session.transport, TOUCH, { signal: limited }),
      );
      return 'alive';
    } catch (error) {
      if (isNotAuthenticated(error)) return 'ended';
      if (!signal.aborted) {
        log.debug('keep-alive of a session failed', {
          target: session.endpoint.name,
          error: messageOf(error),
        });
      }
      return 'alive';
    }
  };
  const keep = async () => {
    for (;;) {
      const { calls } = session.measurements();
      await clock.sleep(everyMs, { signal, background: true });
      if (session.measurements().calls !== calls) continue;
      if ((await touch()) === 'ended') {
        onEnded?.();
        return;
      }
    }
  };
  // Only the end of its sleep rejects it.
  keep().catch(() => undefined);
  return { [Symbol.dispose]: () => stopped.abort('stopped') };
}
