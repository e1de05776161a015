import { describe, expect, it } from 'vitest';
import type { AccountHistory } from '../../../lib/lockout/account-history.ts';
import { LoginForbiddenError } from '../../../lib/lockout/errors.ts';
import { createLoginQueue, type GuardedLoginDeps, guardedLogin } from '../../../lib/lockout/guarded-login.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';

const ACCOUNT = { user: 'sweeper', address: 'vc01', version: 'v1' };
const running = () => new AbortController();
const isRefusal = (error: unknown) => error instanceof Error && error.message === 'refused';

function startAccounts(history: Partial<AccountHistory> = {}) {
  const written: string[] = [];
  let current: AccountHistory = {
    user: 'sweeper',
    address: 'vc01',
    refusals: 0,
    refusedVersions: [],
    ...history,
  };
  const deps: GuardedLoginDeps = {
    clock: systemClock,
    log: silentLog,
    blacklistMinutes: 20,
    logins: createLoginQueue(),
    accounts: {
      read: async () => current,
      recordRefusal: async () => {
        written.push('refusal');
        current = { ...current, refusals: current.refusals + 1, lastRefusalAt: systemClock.now() };
      },
      recordSuccess: async () => {
        written.push('success');
        current = { ...current, refusals: 0, provenVersion: 'v1' };
      },
    },
  };
  return { deps, written };
}

describe('guardedLogin', () => {
  it('writes a refusal before anybody else can try, who then does not', async () => {
    const { deps, written } = startAccounts();
    let logins = 0;
    const login = async () => {
      logins += 1;
      throw new Error('refused');
    };
    const both = await Promise.allSettled(
      [0, 1].map(() => guardedLogin(ACCOUNT, { login, isRefusal }, deps, running())),
    );
    expect(both.map((one) => (one.status === 'rejected' ? one.reason : one))).toEqual([
      new Error('refused'),
      expect.any(LoginForbiddenError),
    ]);
    expect({ logins, written }).toEqual({ logins: 1, written: ['refusal'] });
  });

  it('writes a success only when it is news, and nothing when no password was sent', async () => {
    const { deps, written } = startAccounts({ refusals: 1, lastRefusalAt: 0 });
    const login = async () => 'session';
    expect(await guardedLogin(ACCOUNT, { login, isRefusal }, deps, running())).toBe('session');
    expect(await guardedLogin(ACCOUNT, { login, isRefusal }, deps, running())).toBe('session');
    const lost = async () => Promise.reject(new Error('connection refused'));
    await expect(guardedLogin(ACCOUNT, { login: lost, isRefusal }, deps, running())).rejects.toThrow(
      'connection refused',
    );
    expect(written).toEqual(['success']);
  });

  it('gives the result of the login when its success cannot be written', async () => {
    const { deps } = startAccounts();
    const broken = { ...deps.accounts, recordSuccess: () => Promise.reject(new Error('disk full')) };
    const login = async () => 'session';
    expect(await guardedLogin(ACCOUNT, { login, isRefusal }, { ...deps, accounts: broken }, running())).toBe(
      'session',
    );
  });

  it('does not wait for its turn behind a login that hangs longer than its own time', async () => {
    const { deps } = startAccounts();
    const first = Promise.withResolvers<string>();
    const hanging = guardedLogin(ACCOUNT, { login: () => first.promise, isRefusal }, deps, running());
    const impatient = running();
    let tried = false;
    const login = async () => {
      tried = true;
      return 'second';
    };
    const second = guardedLogin(ACCOUNT, { login, isRefusal }, deps, impatient);
    impatient.abort(new Error('out of time'));
    await expect(second).rejects.toThrow('out of time');
    first.resolve('first');
    expect(await hanging).toBe('first');
    await deps.logins(ACCOUNT, async () => undefined);
    expect(tried).toBe(false);
  });

  it('sees a login to its end that has begun, so that its session is not lost', async () => {
    const { deps } = startAccounts();
    const begun = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<string>();
    const login = () => {
      begun.resolve();
      return answer.promise;
    };
    const run = running();
    const session = guardedLogin(ACCOUNT, { login, isRefusal }, deps, run);
    await begun.promise;
    run.abort(new Error('out of time'));
    answer.resolve('session');
    expect(await session).toBe('session');
  });
});
