import pLimit, { type LimitFunction } from 'p-limit';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { isStopped } from '../../platform/stop.ts';
import { takePlace } from '../../platform/take-place.ts';
import type { AccountHistory } from '../../state/stores/account-history.ts';
import type { AccountStore } from '../../state/stores/accounts.ts';
import { LoginForbiddenError } from '../errors.ts';
import { mayTryBesides, mayTryHost, mayTryVcenter, withUndecided } from '../rules/may-try-login.ts';
import { beginAfterOthers, createAttempt, type LoginAccount } from './attempt.ts';
import { keepRecord } from './keep-record.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** Where the history of accounts is kept. */
export type AccountRecords = Pick<
  AccountStore,
  'read' | 'beginAttempt' | 'closeAttempt' | 'recordRefusal' | 'recordSuccess'
>;

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

/** The rules of a login; `besides`: of a second one, by another API than the one that accepted the account. */
export type LoginRules = 'vcenter' | 'host' | 'besides';

/** One login by password: `permit` has to be called, and awaited, before the password is sent. */
export interface GuardedLogin<T> {
  login(permit: (rules: LoginRules) => Promise<void>): Promise<T>;
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
  account: LoginAccount,
  work: GuardedLogin<T>,
  deps: GuardedLoginDeps,
  { signal }: Options,
): Promise<T> {
  const { user, address, version, host } = account;
  const { accounts, clock, blacklistMinutes } = deps;
  const attempt = createAttempt<boolean>(account, { ...deps, records: accounts });
  let rules: LoginRules = 'vcenter';
  let before: AccountHistory | undefined;
  const whyNot = (history: AccountHistory | undefined) => {
    before = history;
    const ask = { now: clock.now(), version, blacklistMinutes };
    if (rules === 'besides')
      return mayTryBesides(history, ask)
        ? undefined
        : new LoginForbiddenError(account, 'since-refused', history);
    const permission = rules === 'host' ? mayTryHost(history, ask) : mayTryVcenter(history, ask);
    if (permission.allowed) return undefined;
    return new LoginForbiddenError(account, permission, history, { decays: rules !== 'host' });
  };
  const permit = async (asked: LoginRules) => {
    rules = asked;
    const read = (options: Options) => accounts.read(user, address, options);
    const begun = await beginAfterOthers(attempt, { read, whyNot }, clock, { signal });
    if (begun instanceof LoginForbiddenError) throw begun;
    if (begun !== 'begun') throw new LoginForbiddenError(account, 'tried-by-another');
  };
  const keep = (work: (options: Options) => Promise<unknown>) => {
    const failure = 'the result of a login could not be recorded; it counts as refused';
    return keepRecord({ what: 'recording a login', failure, of: { user, address } }, deps, work);
  };
  const endFailed = (error: unknown) =>
    attempt.end(({ close }) => {
      if (!work.isRefusal(error)) {
        const isUndecided = work.isUndecided?.(error) === true;
        const undecided = isUndecided ? { undecidedAt: withUndecided(before, clock.now()) } : {};
        return keep((options) => close({ ...options, ...undecided }));
      }
      const answered = work.isAnswer?.(error) === true;
      // Cut off by our own stop it costs a host no waiting time. A vCenter's rules count times.
      const presumed = !answered && rules === 'host' && isStopped(signal);
      const refusal = {
        ...{ version, host },
        ...(answered ? { answered } : {}),
        ...(presumed ? { presumed } : {}),
        ...(rules === 'host' ? {} : { decays: true }),
      };
      return keep((options) => accounts.recordRefusal(user, address, refusal, options));
    });

  const giveBack = await takePlace((login) => deps.logins(account, login), { signal });
  try {
    const result = await work.login(permit);
    await attempt.end(({ begun }) =>
      keep((options) => accounts.recordSuccess(user, address, { version, host, ...begun }, options)),
    );
    return result;
  } catch (error) {
    await endFailed(error);
    throw error;
  } finally {
    giveBack();
  }
}
