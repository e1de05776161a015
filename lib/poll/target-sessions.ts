import type { TargetConfig } from '../config/schema.ts';
import { RECORD_MS } from '../lockout/guarded-login.ts';
import { logInToTarget, type TargetLoginDeps } from '../lockout/target-login.ts';
import { startDeadline } from '../platform/deadline.ts';
import { LINGER_MS } from '../vsphere/session/link.ts';
import type { VsphereSession } from '../vsphere/session/session.ts';
import { createSessionHolder, type SessionHolder } from '../vsphere/session/session-holder.ts';

export type PollLoginDeps = TargetLoginDeps<VsphereSession>;

/** Sessions for the polls of one invocation: one a target, opened when it is first asked for. Dispose it. */
export interface TargetSessions extends AsyncDisposable {
  /** Runs `work` in the session on a target; again from its beginning when the session turns out to have ended. */
  use<T>(target: TargetConfig, work: (session: VsphereSession) => Promise<T>): Promise<T>;
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
 * A login that fails fails for all who ask in this invocation: a list of polls costs one refusal, not one each. No
 * login goes on when its process may end before what became of it is on record.
 */
export function openTargetSessions(deps: PollLoginDeps, { signal, endsAt }: PollTime): TargetSessions {
  const { clock } = deps;
  const loginTime =
    endsAt === undefined
      ? undefined
      : startDeadline({
          clock,
          endsAt: endsAt - RECORD_MS - LINGER_MS,
          what: 'the login for a poll',
          signal,
        });
  const holders = new Map<string, SessionHolder>();
  const holderOf = (target: TargetConfig) =>
    createSessionHolder({
      ...deps,
      restMs: Number.POSITIVE_INFINITY,
      logoutMs: LOGOUT_MS,
      open: (holding) => {
        const limits = AbortSignal.any([holding.signal, loginTime?.signal ?? signal]);
        const login: PollLoginDeps['login'] = (one, credential, options) =>
          deps.login(one, credential, endsAt === undefined ? options : { ...options, endsAt });
        return logInToTarget(target, { ...deps, login }, { signal: limits });
      },
    });
  return {
    use(target, work) {
      const holder = holders.get(target.name) ?? holderOf(target);
      holders.set(target.name, holder);
      return holder.use(work, { signal });
    },
    async [Symbol.asyncDispose]() {
      loginTime?.[Symbol.dispose]();
      await Promise.all(Array.from(holders.values(), (holder) => holder[Symbol.asyncDispose]()));
    },
  };
}
