import type { Clock } from '../../platform/clock.ts';
import { withTimeLimit } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { VsphereSession } from './session.ts';

/** Logs out in `ms` at most, whatever became of the work's signal. Never rejects: a failure is logged. */
export async function logOut(
  session: Pick<VsphereSession, 'endpoint' | 'logout'>,
  { ms }: { ms: number },
  { clock, log }: { clock: Clock; log: Log },
): Promise<void> {
  const { signal } = new AbortController();
  try {
    await withTimeLimit({ clock, ms, what: 'logout', signal }, (limited) =>
      session.logout({ signal: limited }),
    );
  } catch (error) {
    log.warn('session not closed; it ends by its idle timeout', {
      target: session.endpoint.name,
      error: messageOf(error),
    });
  }
}
