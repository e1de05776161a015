import { describe, expect, it } from 'vitest';
import { LoginForbiddenError } from '../../../lib/logins/errors.ts';
import type { AccountRecords } from '../../../lib/logins/trial/guarded-login.ts';
import { createLoginQueue, guardedLogin } from '../../../lib/logins/trial/guarded-login.ts';
import { RECORD_MS } from '../../../lib/logins/trial/keep-record.ts';
import { DeadlineError } from '../../../lib/platform/errors.ts';
import type { Log } from '../../../lib/platform/log.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import { createStallingClock } from '../../support/stalling-clock.ts';
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
    expect(store.history()).toEqual({ user: 'sweeper', address: 'vc01', refusals: 0, refusedVersions: [] });
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

  it.each([
    [
      'host',
      'log in there once with the right password, then run: vsweep blacklist lift --user sweeper --address vc01 --counter-was-reset',
    ],
    ['vcenter', 'correct the credential, then run: vsweep blacklist lift --user sweeper --address vc01'],
  ] as const)('says what lifts what holds a %s back', async (kind, lift) => {
    const { login, store } = start();
    await expect(login('refused', kind)).rejects.toThrow('refused');
    if (kind === 'vcenter') await expect(login('refused', kind)).rejects.toThrow('refused');
    const error: unknown = await login('accepted', kind).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LoginForbiddenError);
    expect((error as Error).message.slice(-lift.length)).toBe(lift);
    expect(store.history().refusals).toBe(kind === 'vcenter' ? 2 : 1);
  });

  it.each([
    ['host', 'stopped', { presumed: true }],
    ['host', 'out of time', {}],
    // Its rules go by time: without one, restarts could make five refusals in three minutes.
    ['vcenter', 'stopped', { decays: true }],
  ] as const)('counts a login on a %s that is cut off when its process is %s', async (kind, why, how) => {
    const { store, farSide, deps } = start();
    const process = running();
    farSide.onPassword = () =>
      process.abort(why === 'stopped' ? new Error('stopped by a signal') : new DeadlineError('the run'));
    const work = { login: farSide.login('refused', kind), isRefusal };
    const told: unknown[] = [];
    const accounts: AccountRecords = {
      ...deps.accounts,
      recordRefusal(user, address, login, o) {
        told.push(login);
        return deps.accounts.recordRefusal(user, address, login, o);
      },
    };
    await expect(guardedLogin(ACCOUNT, work, { ...deps, accounts }, process)).rejects.toThrow('refused');
    expect(told).toEqual([{ version: 'v1', ...how }]);
    expect(store.history().refusals).toBe(1);
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
    await store.beginAttempt('sweeper', 'vc01', { id: 'another', version: 'v1', seen: undefined }, running());
    const since = store.now;
    await expect(login('refused')).rejects.toThrow('refused');
    expect(store.now - since).toBe(10_000);
    expect(store.history().refusals).toBe(2);
    await expect(login('accepted')).rejects.toBeInstanceOf(LoginForbiddenError);
    expect(farSide.seen.passwords).toBe(1);
  });

  it.each(['lost', 'fails'] as const)(
    'leaves no attempt where nothing was sent because the answer to its beginning is %s',
    async (weather) => {
      const { store, login, farSide } = start();
      store.weather = ['good', weather];
      await expect(login('accepted')).rejects.toThrow();
      expect(farSide.seen.passwords).toBe(0);
      expect(store.history()).not.toHaveProperty('openAttempt');
      expect(store.history().refusals).toBe(0);
      await login('accepted');
    },
  );

  it('leaves no attempt where the caller gives up while its beginning is being written', async () => {
    const { store, deps, farSide } = start();
    const impatient = running();
    const late = Promise.withResolvers<void>();
    let taken: Promise<boolean> | undefined;
    const accounts: AccountRecords = {
      ...deps.accounts,
      async beginAttempt(user, address, attempt) {
        // The table takes it up after the caller has closed it.
        taken = late.promise.then(() => deps.accounts.beginAttempt(user, address, attempt, running()));
        impatient.abort(new Error('out of time'));
        return await untilAborted(taken, impatient.signal);
      },
    };
    const work = { login: farSide.login('accepted', 'vcenter'), isRefusal };
    await expect(guardedLogin(ACCOUNT, work, { ...deps, accounts }, impatient)).rejects.toThrow(
      'out of time',
    );
    late.resolve();
    expect(await taken).toBe(false);
    expect(store.history()).not.toHaveProperty('openAttempt');
    expect(farSide.seen.passwords).toBe(0);
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

  it('counts the wait for another process from the beginning of its attempt', async () => {
    const { store, login } = start();
    await store.beginAttempt('sweeper', 'vc01', { id: 'another', version: 'v1', seen: undefined }, running());
    store.now += 5_000;
    const since = store.now;
    await login('accepted');
    expect(store.now - since).toBe(5_000);
  });

  it('waits 10 s at most for an attempt of a process whose clock is ahead', async () => {
    const { store, login } = start({ openAttempt: { version: 'v1', at: Date.UTC(2026, 0, 2) } });
    const since = store.now;
    await login('accepted');
    expect(store.now - since).toBe(10_000);
  });

  it('begins no attempt 10 s after it lost the first one', async () => {
    const { deps, farSide } = start();
    const since = deps.clock.now();
    const tries: number[] = [];
    const beginAttempt = async () => {
      tries.push(deps.clock.now() - since);
      return false;
    };
    const work = { login: farSide.login('accepted', 'vcenter'), isRefusal };
    const accounts = { ...deps.accounts, beginAttempt };
    await expect(guardedLogin(ACCOUNT, work, { ...deps, accounts }, running())).rejects.toThrow();
    expect(tries.at(-1)).toBe(9_800);
  });

  it.each([
    ['an attempt of another process', { openAttempt: { version: 'v1', at: Date.UTC(2026, 0, 1) } }, true],
    ['its next try after another process was quicker', {}, false],
  ])('ends its wait for %s when its time is over', async (_what, known, begins) => {
    const { store, deps, farSide } = start(known);
    const never = new Promise<never>(() => undefined);
    const impatient = running();
    const sleep = (_ms: number, { signal }: { signal: AbortSignal }) => {
      setImmediate(() => impatient.abort(new Error('out of time')));
      return untilAborted(never, signal);
    };
    const patched = {
      ...deps,
      clock: { ...deps.clock, sleep },
      accounts: { ...deps.accounts, beginAttempt: async () => begins },
    };
    const work = { login: farSide.login('accepted', 'vcenter'), isRefusal };
    await expect(guardedLogin(ACCOUNT, work, patched, impatient)).rejects.toThrow('out of time');
    expect([farSide.seen.passwords, store.written]).toEqual([0, []]);
  });

  it('has a login on record whose record was answered while this process was stalled', async () => {
    const { store, deps, farSide } = start();
    const errors: unknown[] = [];
    const log: Log = { ...deps.log, error: (_message, fields) => errors.push(fields) };
    const clock = createStallingClock();
    const written = Promise.withResolvers<void>();
    const recordSuccess: AccountRecords['recordSuccess'] = async (...record) => {
      // The stop comes when the record is on its way; its time limit fires before the answer is read.
      clock.stall(20_000);
      clock.advance(20_000);
      setImmediate(() => written.resolve());
      await untilAborted(written.promise, record[3].signal);
      await store.recordSuccess(...record);
    };
    const patched = { ...deps, log, clock, accounts: { ...deps.accounts, recordSuccess } };
    const work = { login: farSide.login('accepted', 'vcenter'), isRefusal };
    expect(await guardedLogin(ACCOUNT, work, patched, running())).toBe('session');
    expect({ errors, written: store.written }).toEqual({ errors: [], written: ['attempt', 'success'] });
  });

  it('logs of which account a login stays open, when its end is not written within 5 s', async () => {
    const { store, deps, farSide } = start();
    const errors: unknown[] = [];
    const log: Log = { ...deps.log, error: (...line) => errors.push(line) };
    const never = new Promise<never>(() => undefined);
    const recordSuccess: AccountRecords['recordSuccess'] = (_user, _address, _login, { signal }) =>
      untilAborted(never, signal);
    const patched = {
      ...deps,
      log,
      clock: {
        ...deps.clock,
        async sleep(ms: number) {
          store.now += ms;
        },
      },
      accounts: { ...deps.accounts, recordSuccess },
    };
    const work = { login: farSide.login('accepted', 'vcenter'), isRefusal };
    const since = store.now;
    expect(await guardedLogin(ACCOUNT, work, patched, running())).toBe('session');
    expect(store.now - since).toBe(RECORD_MS);
    const error = expect.stringContaining('recording a login');
    expect(errors).toEqual([
      [expect.stringContaining('it counts as refused'), { user: 'sweeper', address: 'vc01', error }],
    ]);
  });
});

describe('createLoginQueue', () => {
  it('lets one login at a time through for an account, in whatever case it is written, and others beside it', async () => {
    const logins = createLoginQueue();
    const begun: string[] = [];
    const first = Promise.withResolvers<void>();
    const login = (user: string, address: string, end?: Promise<void>) =>
      logins({ user, address }, async () => {
        begun.push(`${user}@${address}`);
        await end;
      });
    const waiting = [login('root', 'esx1', first.promise), login('ROOT', 'ESX1')];
    await Promise.all([login('root', 'esx2'), login('sweeper', 'esx1')]);
    expect(begun).toEqual(['root@esx1', 'root@esx2', 'sweeper@esx1']);
    first.resolve();
    await Promise.all(waiting);
    expect(begun.at(-1)).toBe('ROOT@ESX1');
  });
});
