import pLimit from 'p-limit';
import type { TargetConfig } from '../config/schema.ts';
import { RECORD_MS } from '../logins/trial/keep-record.ts';
import { logInToTarget, type TargetLoginDeps } from '../logins/trial/target-login.ts';
import { startDeadline } from '../platform/deadline.ts';
import { LINGER_MS } from '../vsphere/session/link.ts';
import type { VsphereSession } from '../vsphere/session/session.ts';
import { createSessionHolder, type SessionHolder } from '../vsphere/session/session-holder.ts';
import { type AskHost, askNoHost } from './ask-host.ts';
import { guestLogin } from './guest-login.ts';
import type { PollSession } from './method.ts';
import { createNameMaps } from './name-map.ts';
import { toReadOnly } from './read-only-session.ts';

export type PollLoginDeps = TargetLoginDeps<VsphereSession> & {
  /** What a poll can ask for by the names of metrics; nothing by default. */
  readonly metrics?: PollSession['metrics'];
  /** How hosts are asked for metrics by commands; by default they are not. */
  readonly askHost?: AskHost | undefined;
};

/** When a poll is over. */
export interface PollTime {
  readonly signal: AbortSignal;
  /** Milliseconds until then; absent when nothing ends the process. */
  remainingMs?(): number;
}

/** One session a target, opened when it is first asked for. Dispose it: that logs out. */
export interface TargetSessions extends AsyncDisposable {
  /** Runs `work` in the session on a target; again from its beginning when the session turns out to have ended. */
  use<T>(target: TargetConfig, work: (session: PollSession) => Promise<T>, time: PollTime): Promise<T>;
}

/**
 * How long sessions live. `invocation`: one request, or one list of them; a login that fails fails for all of it,
 * which costs one refusal, not one each. `process`: a gateway, or a Lambda function for as long as it stays warm.
 */
export type SessionLife = 'invocation' | 'process';

/** Below the margin that a poll leaves to Lambda, because it comes after the poll's own deadline. */
const LOGOUT_MS = 1_500;

/**
 * In a process that lives on, a login that failed is the answer to whoever asks within this time. Whether another one
 * may follow is for the lockout rules to say.
 */
const REST_MS = 2_000;

/** Polls in one session at once: vCenter shares its threads among all its clients. The others wait for their turn. */
const POLLS_AT_ONCE = 32;

/**
 * No login goes on when its process may end before what became of it is on record; of those who wait for one, the
 * last who came says when that is.
 */
export function openTargetSessions(deps: PollLoginDeps, life: SessionLife): TargetSessions {
  const targets = new Map<string, PolledTarget>();
  return {
    use(target, work, time) {
      const polled = targets.get(target.name) ?? toPolledTarget(target, deps, life);
      targets.set(target.name, polled);
      return polled.use(work, time);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(Array.from(targets.values(), (polled) => polled.holder[Symbol.asyncDispose]()));
    },
  };
}

interface PolledTarget {
  readonly holder: SessionHolder;
  use<T>(work: (session: PollSession) => Promise<T>, time: PollTime): Promise<T>;
}

function toPolledTarget(target: TargetConfig, deps: PollLoginDeps, life: SessionLife): PolledTarget {
  let remainingMs: PollTime['remainingMs'];
  const holder = createSessionHolder({
    ...deps,
    restMs: life === 'invocation' ? Number.POSITIVE_INFINITY : REST_MS,
    logoutMs: LOGOUT_MS,
    open: (holding) => openUntil({ remainingMs, life }, target, deps, holding),
  });
  // What was learned of a session's inventory goes with the session.
  const sessions = new WeakMap<VsphereSession, PollSession>();
  const toPollSession = (session: VsphereSession): PollSession => {
    const known = sessions.get(session) ?? {
      ...toReadOnly(session),
      names: createNameMaps(deps),
      now: () => deps.clock.now(),
      clock: deps.clock,
      metrics: deps.metrics ?? (() => NO_METRICS),
      guestLogin: (guest, login, options) =>
        guestLogin({ ...guest, target: target.name }, login, deps, options),
      askHost: (question, options) => (deps.askHost ?? askNoHost)({ ...question, target }, options),
    };
    sessions.set(session, known);
    return known;
  };
  const limit = pLimit(POLLS_AT_ONCE);
  return {
    holder,
    use(work, time) {
      remainingMs = time.remainingMs;
      return limit(() => holder.use((session) => work(toPollSession(session)), time));
    },
  };
}

const NO_METRICS: ReturnType<PollSession['metrics']> = new Map();

async function openUntil(
  { remainingMs, life }: { remainingMs: PollTime['remainingMs']; life: SessionLife },
  target: TargetConfig,
  deps: PollLoginDeps,
  { signal }: { signal: AbortSignal },
): Promise<VsphereSession> {
  if (remainingMs === undefined) return await logInToTarget(target, deps, { signal });
  const leftMs = remainingMs();
  const endsAt = deps.clock.now() + leftMs;
  using loginTime = startDeadline({
    clock: deps.clock,
    ms: leftMs - RECORD_MS - LINGER_MS,
    what: `the login to ${target.name} at ${target.url}`,
    signal,
  });
  const login: PollLoginDeps['login'] = (one, credential, options) =>
    deps.login(one, credential, life === 'process' ? options : { ...options, endsAt });
  return await logInToTarget(target, { ...deps, login }, loginTime);
}
