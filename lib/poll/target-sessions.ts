import type { TargetConfig } from '../config/schema.ts';
import { RECORD_MS } from '../lockout/guarded-login.ts';
import { logInToTarget, type TargetLoginDeps } from '../lockout/target-login.ts';
import { startDeadline, withTimeLimit } from '../platform/deadline.ts';
import { messageOf } from '../platform/errors.ts';
import type { VsphereSession } from '../vsphere/session/session.ts';

export type PollLoginDeps = TargetLoginDeps<VsphereSession>;

/** Sessions for the polls of one invocation: one a target, opened when it is first asked for. Dispose it. */
export interface TargetSessions extends AsyncDisposable {
  of(target: TargetConfig): Promise<VsphereSession>;
}

/** Below the margin that a poll leaves to Lambda, because it comes after the poll's own deadline. */
const LOGOUT_MS = 1_500;

/** When a poll is over. */
export interface PollTime {
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch; absent when nothing ends the process. */
  readonly endsAt?: number;
}

/**
 * A login that fails fails for all who wait for it: a list of polls costs one refusal, not one each. No login goes on
 * when its process may end before what became of it is on record.
 */
export function openTargetSessions(deps: PollLoginDeps, { signal, endsAt }: PollTime): TargetSessions {
  const loginTime =
    endsAt === undefined
      ? undefined
      : startDeadline({
          clock: deps.clock,
          endsAt: endsAt - RECORD_MS,
          what: 'the login for a poll',
          signal,
        });
  const sessions = new Map<string, Promise<VsphereSession>>();
  return {
    of(target) {
      const session =
        sessions.get(target.name) ?? logInToTarget(target, deps, { signal: loginTime?.signal ?? signal });
      sessions.set(target.name, session);
      return session;
    },
    async [Symbol.asyncDispose]() {
      loginTime?.[Symbol.dispose]();
      const opened = await Promise.allSettled(sessions.values());
      await Promise.all(
        opened.map((one) => (one.status === 'fulfilled' ? close(one.value, deps) : undefined)),
      );
    },
  };
}

/** Never rejects. */
async function close(session: VsphereSession, { clock, log }: PollLoginDeps): Promise<void> {
  const { signal } = new AbortController();
  try {
    await withTimeLimit({ clock, ms: LOGOUT_MS, what: 'logout', signal }, (limited) =>
      session.logout({ signal: limited }),
    );
  } catch (error) {
    log.warn('a session was left to its time-out', {
      target: session.endpoint.name,
      error: messageOf(error),
    });
  }
}
