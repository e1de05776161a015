import { describe, expect, it } from 'vitest';
import { LoginForbiddenError } from '../../../lib/lockout/errors.ts';
import { guardedLogin } from '../../../lib/lockout/guarded-login.ts';
import { type Ending, failsWith, startFarSide, startProcess, startStore } from './account-world.ts';

const ACCOUNT = { user: 'sweeper', address: 'vc01', version: 'v1' };
const running = () => new AbortController();
const { isRefusal } = failsWith;

/** One process on one account; `login` ends as told. */
function start(known: Parameters<typeof startStore>[0] = {}) {
  const store = startStore(known);
  const farSide = startFarSide();
  const { deps } = startProcess(store);
  const login = (ending: Ending, kind: 'vcenter' | 'host' = 'vcenter') =>
    guardedLogin(ACCOUNT, { login: farSide.login(ending, kind), isRefusal }, deps, running());
  return { store, farSide, deps, login };
}

describe('guardedLogin', () => {
  it('puts the attempt on record before the password and what became of it after', async () => {
    const { store, login, farSide } = start();
    farSide.onPassword = () => store.written.push('password');
    await login('accepted');
    await expect(login('refused')).rejects.toThrow('refused');
    expect(store.written).toEqual(['attempt', 'password', 'success', 'attempt', 'password', 'refusal']);
  });

  it('strikes the attempt off when no password was sent', async () => {
    const { store, login } = start();
    await expect(login('not-sent')).rejects.toThrow('connection refused');
    expect(store.written).toEqual(['attempt', 'close']);
    expect(store.history()).toMatchObject({ refusals: 0, refusedVersions: [] });
    expect(store.history().openAttempt).toBeUndefined();
  });

  it('writes nothing when the far side is not there at all', async () => {
    const { store, deps } = start();
    const login = () => Promise.reject(new Error('no route'));
    await expect(guardedLogin(ACCOUNT, { login, isRefusal }, deps, running())).rejects.toThrow('no route');
    expect(store.written).toEqual([]);
  });

  it('writes a refusal before anybody else can try, who then does not', async () => {
    const { store, login, farSide } = start();
    const both = await Promise.allSettled([login('refused', 'host'), login('refused', 'host')]);
    expect(both.map((one) => (one.status === 'rejected' ? one.reason : one))).toEqual([
      new Error('refused'),
      expect.any(LoginForbiddenError),
    ]);
    expect(farSide.seen.passwords).toBe(1);
    expect(store.written).toEqual(['attempt', 'refusal']);
  });

  it('holds a host to its budget and a vCenter to its window', async () => {
    const refused = { refusals: 2, refusedVersions: ['v1', 'v1'], lastRefusalAt: 0, earlierRefusalAt: 0 };
    await expect(start(refused).login('accepted', 'host')).rejects.toThrow('blacklist lift');
    await start(refused).login('accepted', 'vcenter');
  });

  it('waits for the logins of other processes that began at once, and then logs in too', async () => {
    const { store, farSide, login } = start();
    const others = Array.from({ length: 4 }, () => startProcess(store).deps);
    const work = { login: farSide.login('accepted', 'vcenter'), isRefusal };
    const all = await Promise.all([
      login('accepted'),
      ...others.map((deps) => guardedLogin(ACCOUNT, work, deps, running())),
    ]);
    expect(all).toEqual(Array(5).fill('session'));
    expect(store.history()).toMatchObject({ refusals: 0, provenVersion: 'v1' });
    expect(store.written).toEqual(Array(5).fill(['attempt', 'success']).flat());
  });

  it('decides anew when the login of another process was refused', async () => {
    const { store, farSide, login } = start();
    const work = { login: farSide.login('refused', 'host'), isRefusal };
    const both = [login('refused', 'host'), guardedLogin(ACCOUNT, work, startProcess(store).deps, running())];
    const reasons = (await Promise.allSettled(both)).map((one) => one.status === 'rejected' && one.reason);
    expect(reasons).toEqual([new Error('refused'), expect.any(LoginForbiddenError)]);
    expect(farSide.seen.passwords).toBe(1);
  });

  it('counts an attempt that another process does not end within 10 s', async () => {
    const { store, login, farSide } = start();
    await store.beginAttempt('sweeper', 'vc01', { version: 'v1', seen: undefined }, running());
    const since = store.now;
    await expect(login('refused')).rejects.toThrow('refused');
    expect(store.now - since).toBe(10_000);
    expect(store.history().refusals).toBe(2);
    await expect(login('accepted')).rejects.toBeInstanceOf(LoginForbiddenError);
    expect(farSide.seen.passwords).toBe(1);
  });

  it('sends nothing when it loses to other processes for 10 s', async () => {
    const { deps, farSide } = start();
    const accounts = { ...deps.accounts, beginAttempt: async () => false };
    const work = { login: farSide.login('accepted', 'vcenter'), isRefusal };
    const login = guardedLogin(ACCOUNT, work, { ...deps, accounts }, running());
    await expect(login).rejects.toThrow('another process');
    expect(farSide.seen.passwords).toBe(0);
  });

  it('sends nothing when the table cannot be read or written', async () => {
    for (const weather of [['fails'], ['good', 'fails'], ['good', 'lost']] as const) {
      const { store, login, farSide } = start();
      store.weather = [...weather];
      await expect(login('accepted')).rejects.toThrow(/out of reach|lost/);
      expect(farSide.seen.passwords).toBe(0);
    }
  });

  it('gives the result of the login when its success cannot be written, and leaves the attempt to count', async () => {
    const { store, login } = start();
    store.weather = ['good', 'good', 'fails'];
    expect(await login('accepted')).toBe('session');
    expect(store.history().openAttempt).toMatchObject({ version: 'v1' });
  });

  it('does not wait for its turn behind a login that hangs longer than its own time', async () => {
    const { deps } = start();
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
    const { deps } = start();
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
