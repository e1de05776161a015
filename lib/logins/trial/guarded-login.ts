import pLimit, { type LimitFunction } from 'p-limit';
import type { Clock } from '../../platform/clock.ts';
import { withTimeLimit } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { isStopped } from '../../platform/stop.ts';
import { untilAborted } from '../../platform/until-aborted.ts';
import type { AccountHistory } from '../../state/stores/account-history.ts';
import { LoginForbiddenError } from '../errors.ts';
import { mayTryHost, mayTryVcenter, withUndecided } from '../rules/may-try-login.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** Where the history of accounts is kept (lib/state). */
export interface AccountRecords {
  read(user: string, address: string, options: Options): Promise<AccountHistory | undefined>;
  beginAttempt(
    user: string,
    address: string,
    login: {
      id: string;
      version: string;
      seen: Pick<AccountHistory, 'refusals' | 'openAttempt'> | undefined;
    },
    options: Options,
  ): Promise<boolean>;
  closeAttempt(
    user: string,
    address: string,
    options: Options & { id: string } & Pick<AccountHistory, 'undecidedAt'>,
  ): Promise<unknown>;
  recordRefusal(
    user: string,
    address: string,
    login: { version: string; presumed?: boolean; answered?: boolean },
    options: Options,
  ): Promise<unknown>;
  recordSuccess(
    user: string,
    address: string,
    login: { version: string; attempt?: string; seen?: Pick<AccountHistory, 'refusals' | 'openAttempt'> },
    options: Options,
  ): Promise<unknown>;
}

export interface GuardedLoginDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly accounts: AccountRecords;
  readonly blacklistMinutes: number;
  readonly logins: LoginQueue;
  readonly randomId: () => string;
}

/** Lets one login at a time through for each account and address: the next one sees what became of it. */
export type LoginQueue = <T>(
  account: { user: string; address: string },
  login: () => Promise<T>,
) => Promise<T>;

export function createLoginQueue(): LoginQueue {
  const queues = new Map<string, LimitFunction>();
  return ({ user, address }, login) => {
    const key = JSON.stringify([user.toLowerCase(), address.toLowerCase()]);
    const queue = queues.get(key) ?? pLimit(1);
    queues.set(key, queue);
    return queue(login);
  };
}

/** How long after its end a login may take to be on record: a login is given up so long before its process ends. */
export const RECORD_MS = 5_000;

/** How long a process waits for the logins of others. One that was killed leaves an attempt that nobody ends. */
const OTHERS_MS = 10_000;
const LOOK_AGAIN_MS = 200;

/** One login by password: `permit` has to be called, and awaited, before the password is sent. */
export interface GuardedLogin<T> {
  login(permit: (kind: 'vcenter' | 'host') => Promise<void>): Promise<T>;
  /** Of what the login threw: whether the far side may have counted a refusal. */
  isRefusal(error: unknown): boolean;
  /** Of a refusal: whether the far side answered it, and did not only cut the login off. */
  isAnswer?(error: unknown): boolean;
  /** Of what is no refusal: whether the far side answered that it could not tell. */
  isUndecided?(error: unknown): boolean;
}

/**
 * Makes one login by password, if the account's history on the address allows it. The attempt is on record before the
 * password is sent, and what became of it before anybody else can try; an attempt whose end could not be written
 * counts as a refusal. Throws LoginForbiddenError without having sent anything, or what the login threw.
 */
export async function guardedLogin<T>(
  account: { user: string; address: string; version: string },
  work: GuardedLogin<T>,
  deps: GuardedLoginDeps,
  { signal }: Options,
): Promise<T> {
  const { user, address, version } = account;
  /** That may stand in the table: its beginning may be written although the answer was lost. */
  let attempt: string | undefined;
  let before: AccountHistory | undefined;
  let begun: { attempt: string; seen: Pick<AccountHistory, 'refusals' | 'openAttempt'> } | undefined;
  let rules: 'vcenter' | 'host' = 'vcenter';
  const permit = async (kind: 'vcenter' | 'host') => {
    rules = kind;
    const givesUpAt = deps.clock.monotonic() + OTHERS_MS;
    do {
      const history = await whenOthersEnd(account, { givesUpAt, deps }, { signal });
      const ask = { now: deps.clock.now(), version, blacklistMinutes: deps.blacklistMinutes };
      const permission = kind === 'host' ? mayTryHost(history, ask) : mayTryVcenter(history, ask);
      if (!permission.allowed) throw new LoginForbiddenError({ user, address }, permission, history);
      const id = deps.randomId();
      attempt = id;
      if (await deps.accounts.beginAttempt(user, address, { id, version, seen: history }, { signal })) {
        before = history;
        begun = { attempt: id, seen: history ?? { refusals: 0 } };
        return;
      }
      attempt = undefined;
      await deps.clock.sleep(LOOK_AGAIN_MS, { signal });
    } while (deps.clock.monotonic() < givesUpAt);
    throw new LoginForbiddenError({ user, address }, 'tried-by-another');
  };
  const settle = async (work: (options: Options) => Promise<unknown>) => {
    const limit = {
      clock: deps.clock,
      ms: RECORD_MS,
      what: 'recording a login',
      signal: new AbortController().signal,
    };
    await withTimeLimit(limit, (limited) => work({ signal: limited })).catch((error: unknown) => {
      deps.log.error('a login stays open in the state table and counts as refused', {
        user,
        address,
        error: messageOf(error),
      });
    });
  };

  return await inTurn(deps.logins, { user, address }, signal, async () => {
    try {
      const result = await work.login(permit);
      await settle((options) => deps.accounts.recordSuccess(user, address, { version, ...begun }, options));
      return result;
    } catch (error) {
      if (work.isRefusal(error)) {
        const answered = work.isAnswer?.(error) === true;
        // Cut off by our own stop it costs a host no waiting time. A vCenter's rules count times.
        const presumed = !answered && rules === 'host' && isStopped(signal);
        const refusal = {
          version,
          ...(answered ? { answered } : {}),
          ...(presumed ? { presumed } : {}),
        };
        await settle((options) => deps.accounts.recordRefusal(user, address, refusal, options));
      } else if (attempt !== undefined) {
        const id = attempt;
        const undecided =
          work.isUndecided?.(error) === true ? { undecidedAt: withUndecided(before, deps.clock.now()) } : {};
        await settle((options) =>
          deps.accounts.closeAttempt(user, address, { ...options, id, ...undecided }),
        );
      }
      throw error;
    }
  });
}

/**
 * What stands in the table when no other process is logging in any more, or was for too long: functions that start at
 * once log in at once, each for a moment, and an attempt that is under way would count as a refusal.
 */
async function whenOthersEnd(
  { user, address }: { user: string; address: string },
  { givesUpAt, deps: { accounts, clock } }: { givesUpAt: number; deps: GuardedLoginDeps },
  { signal }: Options,
): Promise<AccountHistory | undefined> {
  for (;;) {
    const history = await accounts.read(user, address, { signal });
    const now = clock.now();
    const isUnderWay = history?.openAttempt !== undefined && now - history.openAttempt.at < OTHERS_MS;
    if (!isUnderWay || clock.monotonic() >= givesUpAt) return history;
    await clock.sleep(LOOK_AGAIN_MS, { signal });
  }
}

/** Stops waiting for its turn when the signal aborts; what has begun is seen to its end. */
export async function inTurn<T>(
  logins: LoginQueue,
  account: { user: string; address: string },
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const begun = Promise.withResolvers<{ readonly result: Promise<T> }>();
  const turn = logins(account, async () => {
    signal.throwIfAborted();
    const result = work();
    begun.resolve({ result });
    return await result;
  });
  turn.catch(begun.reject);
  const { result } = await untilAborted(begun.promise, signal);
  return await result;
}
