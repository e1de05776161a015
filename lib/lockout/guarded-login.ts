import pLimit, { type LimitFunction } from 'p-limit';
import type { Clock } from '../platform/clock.ts';
import { withTimeLimit } from '../platform/deadline.ts';
import { messageOf } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import { untilAborted } from '../platform/until-aborted.ts';
import type { AccountHistory } from './account-history.ts';
import { LoginForbiddenError } from './errors.ts';
import { mayTryLogin } from './may-try-login.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** Where the history of accounts is kept. */
export interface AccountRecords {
  read(user: string, address: string, options: Options): Promise<AccountHistory | undefined>;
  recordRefusal(
    user: string,
    address: string,
    login: { version: string },
    options: Options,
  ): Promise<unknown>;
  recordSuccess(
    user: string,
    address: string,
    login: { version: string },
    options: Options,
  ): Promise<unknown>;
}

export interface GuardedLoginDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly accounts: AccountRecords;
  readonly blacklistMinutes: number;
  readonly logins: LoginQueue;
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

const RECORD_MS = 5_000;

/**
 * Makes one login by password, if the account's history on the address allows it, and records what became of it
 * before anybody else can try. `isRefusal` says of what the login threw whether the far side may have counted it.
 * Throws LoginForbiddenError without trying, or what the login threw.
 */
export async function guardedLogin<T>(
  account: { user: string; address: string; version: string },
  work: { login: () => Promise<T>; isRefusal: (error: unknown) => boolean },
  deps: GuardedLoginDeps,
  { signal }: Options,
): Promise<T> {
  const { user, address, version } = account;
  const record = (what: 'recordRefusal' | 'recordSuccess') =>
    withTimeLimit({ clock: deps.clock, ms: RECORD_MS, what, signal: new AbortController().signal }, (limit) =>
      deps.accounts[what](user, address, { version }, { signal: limit }),
    ).catch((error: unknown) => {
      deps.log.error('a login could not be recorded', { user, address, what, error: messageOf(error) });
    });

  return await inTurn(deps.logins, { user, address }, signal, async () => {
    const history = await deps.accounts.read(user, address, { signal });
    const permission = mayTryLogin(history, {
      now: deps.clock.now(),
      blacklistMinutes: deps.blacklistMinutes,
    });
    if (!permission.allowed) throw new LoginForbiddenError({ user, address }, permission.until);
    let result: T;
    try {
      result = await work.login();
    } catch (error) {
      if (work.isRefusal(error)) await record('recordRefusal');
      throw error;
    }
    const isSettled = history?.refusals === 0 && history.provenVersion === version;
    if (!isSettled) await record('recordSuccess');
    return result;
  });
}

/** Stops waiting for its turn when the signal aborts; what has begun is seen to its end. */
async function inTurn<T>(
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
