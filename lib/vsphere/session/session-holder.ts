import type { Clock } from '../../platform/clock.ts';
import { withTimeLimit } from '../../platform/deadline.ts';
import type { Log } from '../../platform/log.ts';
import { untilAborted } from '../../platform/until-aborted.ts';
import { isNotAuthenticated } from '../errors.ts';
import { startKeepAlive } from './keep-alive.ts';
import { logOut } from './log-out.ts';
import type { VsphereSession } from './session.ts';

export interface SessionHolderDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Logs in. It asks the lockout rules first, each time. */
  open(options: { signal: AbortSignal }): Promise<VsphereSession>;
  /** So long after a login that failed nobody logs in again: whoever asks gets its error. */
  readonly restMs: number;
  /** How long the logout may take. */
  readonly logoutMs: number;
  /** See startKeepAlive. */
  readonly keepAliveMs?: number;
}

/** One session on a target, lent to many at the same time. Dispose it when nobody uses it any more. */
export interface SessionHolder extends AsyncDisposable {
  /**
   * Runs `work` in the session, which is opened when it is first asked for. Who waits for the login and gives up does
   * not end it for the others. When the session turns out to have ended, one login renews it for all, and `work` is
   * run once more from its beginning, because its views and pages went with the session: it must be able to.
   */
  use<T>(work: (session: VsphereSession) => Promise<T>, options: { signal: AbortSignal }): Promise<T>;
}

interface Held {
  readonly opening: Promise<VsphereSession>;
  /** Who works in it, or waits for it. */
  users: number;
  /** Set when the login failed. */
  failedAt?: number;
  /** It has ended in the vCenter: its connections are dropped when its last user has gone. */
  isOver?: true;
  keepAlive?: Disposable;
}

/** A login that hangs is given up then, whoever waits for it. */
const OPEN_MS = 30_000;

export function createSessionHolder(deps: SessionHolderDeps): SessionHolder {
  const { clock, log, restMs, logoutMs, keepAliveMs: everyMs } = deps;
  const closing = new AbortController();
  let held: Held | undefined;

  const open = (): Held => {
    const limit = { clock, ms: OPEN_MS, what: 'the login', signal: closing.signal };
    const opened: Held = { opening: withTimeLimit(limit, (signal) => deps.open({ signal })), users: 0 };
    opened.opening.then(
      (session) => {
        const onEnded = () => giveUp(opened);
        const keepAlive = { clock, log, onEnded, ...(everyMs === undefined ? {} : { everyMs }) };
        if (!closing.signal.aborted) opened.keepAlive = startKeepAlive(session, keepAlive);
      },
      () => {
        opened.failedAt = clock.monotonic();
      },
    );
    return opened;
  };
  const borrow = (): Held => {
    closing.signal.throwIfAborted();
    if (held?.failedAt !== undefined && clock.monotonic() - held.failedAt >= restMs) held = undefined;
    held ??= open();
    held.users += 1;
    return held;
  };
  const close = async (one: Held) => {
    const session = await one.opening.catch(() => undefined);
    one.keepAlive?.[Symbol.dispose]();
    if (session !== undefined) await logOut(session, { ms: logoutMs }, { clock, log });
  };
  const closeUnused = async (one: Held) => {
    if (one.isOver && one.users === 0) await close(one);
  };
  /** Whoever comes next opens another one. */
  const giveUp = (one: Held) => {
    one.isOver = true;
    if (held === one) held = undefined;
    void closeUnused(one);
  };

  return {
    async use(work, { signal }) {
      for (let renewals = 0; ; renewals += 1) {
        const one = borrow();
        try {
          const session = await untilAborted(one.opening, signal);
          return await work(session);
        } catch (error) {
          if (!isNotAuthenticated(error)) throw error;
          giveUp(one);
          if (renewals > 0 || signal.aborted) throw error;
        } finally {
          one.users -= 1;
          await closeUnused(one);
        }
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      if (held !== undefined) await close(held);
    },
  };
}
