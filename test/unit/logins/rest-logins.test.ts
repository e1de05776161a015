import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../../lib/config/schema.ts';
import { createLoginQueue } from '../../../lib/logins/trial/guarded-login.ts';
import { isRestAddress, logInToRest, restAddressOf } from '../../../lib/logins/trial/rest-login.ts';
import { logInToTarget } from '../../../lib/logins/trial/target-login.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import { createAccountStore } from '../../../lib/state/stores/accounts.ts';
import { VsphereLoginError } from '../../../lib/vsphere/errors.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const { signal } = new AbortController();
const TARGET = {
  name: 'vc01',
  url: 'https://vc01.example.org/sdk',
  credentials: { env: 'VC' },
} as unknown as Parameters<typeof logInToTarget>[0];
const MINUTE = 60_000;
const SECOND = 1_000;
type RestAnswer = 'in' | VsphereLoginError['code'];
/** A login as `logInToRestApi` makes it. */
type RestLogin = Parameters<typeof logInToRest<unknown>>[2];
const endless = { signal, remainingMs: () => Number.POSITIVE_INFINITY };

/** A vCenter whose SOAP accepts the account and whose REST API answers as told, over runs of a sweep. */
function startWorld({ scope, username = 'sweeper' }: { scope?: 'domain'; username?: string } = {}) {
  const clock = createManualClock(Date.UTC(2026, 0, 1));
  const accounts = createAccountStore({ table: createMemoryTable(), now: clock.now });
  const esxi = scope === undefined ? undefined : { credentials: { env: 'ESXI', scope } };
  const deps = {
    clock,
    log: silentLog,
    logins: createLoginQueue(),
    randomId: () => crypto.randomUUID(),
    blacklistMinutes: 60,
    accounts,
    config: { esxi } as unknown as Pick<Config, 'esxi'>,
  };
  const sent: number[] = [];
  const soap: number[] = [];
  let version = 'v1';
  const soapLogin = (work: { signal: AbortSignal } = { signal }) =>
    logInToTarget(
      TARGET,
      {
        ...deps,
        credentials: {
          read: async () => ({
            id: 'env:VC',
            username,
            version,
            proof: { kind: 'password', password: 'x' },
          }),
        },
        async login(_target, _credential, { beforePassword }) {
          await beforePassword?.({
            apiType: 'VirtualCenter',
            fullName: '',
            version: '',
            fields: new Map(),
          });
          soap.push(clock.now());
        },
      },
      work,
    );
  /** A login to REST that is answered so; what came of it. */
  const restLogin = (answer: RestAnswer | Error, reading = endless): Promise<unknown> => {
    const login: RestLogin = async ({ beforePassword }) => {
      await beforePassword();
      sent.push(clock.now());
      if (answer === 'in') return 'in';
      throw typeof answer === 'string' ? new VsphereLoginError(answer, { code: answer }) : answer;
    };
    return logInToRest(TARGET, { username, version }, login, deps, reading).catch((error: unknown) => error);
  };
  const records = async () => ({
    own: await accounts.read(username, 'vc01.example.org', { signal }),
    rest: await accounts.read(username, restAddressOf(TARGET), { signal }),
  });
  return {
    soapLogin,
    restLogin,
    records,
    clock,
    accounts,
    deps,
    sent,
    soap,
    rotate: (next: string) => {
      version = next;
    },
    /** Logs in by SOAP, and then to REST; what came of the second. */
    async run(answer: RestAnswer) {
      await soapLogin();
      return await restLogin(answer);
    },
  };
}

/** The most of them in any window of so many minutes. */
const mostWithin = (times: readonly number[], minutes: number): number =>
  Math.max(
    0,
    ...times.map((start) => times.filter((at) => at >= start && at - start < minutes * MINUTE).length),
  );

describe('logins to REST, with the account that SOAP accepted', () => {
  it('leave nothing on record that holds anybody back when they are accepted', async () => {
    const world = startWorld();
    for (let run = 0; run < 5; run += 1) expect(await world.run('in')).toBe('in');
    expect(await world.accounts.list({ signal })).toEqual([]);
  });

  // STIG's policy locks after three refusals in 15 minutes (VCTR-67-000046), and a login by SOAP is no excuse.
  it.each<[RestAnswer, number, number]>([
    ['login-refused', 2, 15],
    ['login-cut-off', 2, 15],
    ['login-undecided', 4, 3],
  ])(
    'that end with %s are at most %i in %i minutes, run after run, and SOAP goes on',
    async (answer, most, minutes) => {
      const world = startWorld();
      for (let run = 0; run < 120; run += 1) {
        expect(await world.run(answer)).toBeInstanceOf(Error);
        world.clock.advance(MINUTE);
      }
      expect(world.soap).toHaveLength(120);
      expect(mostWithin(world.sent, minutes)).toBeLessThanOrEqual(most);
      if (answer !== 'login-undecided') expect(mostWithin(world.sent.slice(2), 59)).toBe(1);
    },
  );

  it('that are refused say why no further one is made, and what lifts it', async () => {
    const world = startWorld();
    await world.run('login-refused');
    await world.run('login-refused');
    const held = await world.run('login-refused');
    expect(world.sent).toHaveLength(2);
    expect((held as Error).message).toMatch(
      /on vc01\.example\.org\/rest was refused; no further login is tried until/,
    );
    expect((held as Error).message).toContain('--address vc01.example.org/rest');
    await world.accounts.lift('sweeper', restAddressOf(TARGET), { signal });
    expect(await world.run('in')).toBe('in');
  });

  it('count on the account itself until it is accepted again', async () => {
    const world = startWorld();
    await world.run('login-refused');
    expect(await world.accounts.read('sweeper', 'vc01.example.org', { signal })).toMatchObject({
      refusals: 1,
    });
  });

  it.each([
    ['was refused', 'login-refused', { refusals: 1, answered: true }],
    ['was cut off', 'login-cut-off', { refusals: 1 }],
  ] as const)('that %s stand as that on both records, and leave no attempt', async (_, answer, standing) => {
    const world = startWorld();
    await world.run(answer);
    const { own, rest } = await world.records();
    for (const record of [own, rest]) {
      expect(record).toMatchObject({ ...standing, refusedVersions: ['v1'] });
      expect(record).not.toHaveProperty('openAttempt');
      expect(record).not.toHaveProperty('undecidedAt');
      if (answer === 'login-cut-off') expect(record).not.toHaveProperty('answered');
    }
  });

  it('that were neither accepted nor refused have their time on both records, and are no refusal', async () => {
    const world = startWorld();
    await world.run('login-undecided');
    const { own, rest } = await world.records();
    for (const record of [own, rest])
      expect(record).toMatchObject({ refusals: 0, undecidedAt: [world.clock.now()] });
  });

  it.each<[string, RestAnswer | Error]>([
    ['failed before the password', 'login-not-sent'],
    ['failed by something else', new Error('a fault of vsweep')],
  ])('that %s stand on no record', async (_, answer) => {
    const world = startWorld();
    await world.soapLogin();
    await world.restLogin(answer);
    const { own, rest } = await world.records();
    for (const record of [own, rest]) {
      expect(record?.refusals ?? 0).toBe(0);
      expect(record ?? {}).not.toHaveProperty('openAttempt');
      expect(record ?? {}).not.toHaveProperty('undecidedAt');
    }
  });

  it.each(['CORP\\sweeper', 'sweeper@corp.example'])(
    'are not made with %s, an account of a domain whose refusals would hold back all hosts',
    async (username) => {
      const world = startWorld({ scope: 'domain', username });
      for (let run = 0; run < 3; run += 1) {
        const error = await world.run('login-refused');
        expect(error).toMatchObject({ code: 'login-not-sent', credentialSent: false });
        expect((error as Error).message).toBe(
          `no login to the REST API of vc01 (no password was sent): a refusal of ${username} there would hold back all ` +
            'hosts (esxi.credentials.scope: domain). Give the target credentials of its own, of an account of the ' +
            "vCenter's single sign-on such as vsweep@vsphere.local, or leave out the collector tags",
        );
      }
      expect(world.sent).toEqual([]);
      expect(world.soap).toHaveLength(3);
      expect(await world.accounts.list({ signal })).toEqual([]);
    },
  );

  it("are made with an account of the vCenter's own beside hosts with one of a domain", async () => {
    const world = startWorld({ scope: 'domain', username: 'vsweep@vsphere.local' });
    expect(await world.run('in')).toBe('in');
  });

  it.each<RestAnswer>(['login-refused', 'login-cut-off', 'login-undecided'])(
    'of several sweeps that end with %s never hold back their logins by SOAP',
    async (answer) => {
      const world = startWorld();
      for (let minute = 0; minute < 120; minute += 1) {
        for (let sweep = 0; sweep < 5; sweep += 1) await world.soapLogin();
        for (let sweep = 0; sweep < 5; sweep += 1) await world.restLogin(answer);
        world.clock.advance(MINUTE);
      }
      expect(world.soap).toHaveLength(600);
      expect(world.sent.length).toBeGreaterThan(2);
    },
  );

  it('say why none is made while a refusal of the account stands', async () => {
    const world = startWorld();
    await world.run('login-refused');
    const held = await world.restLogin('in');
    expect(held).toMatchObject({ code: 'login-forbidden', retryable: true });
    expect((held as Error).message).toMatch(
      /^Account sweeper on vc01\.example\.org has had a failed login since it was last accepted \(counted: 1 refusal/,
    );
    expect(await world.run('in')).toBe('in');
  });

  it('that hang give the account back to logins by SOAP before other processes stop waiting for it', async () => {
    const world = startWorld();
    await world.soapLogin();
    const hanging = Promise.withResolvers<void>();
    const login: RestLogin = async ({ beforePassword, signal: work }) => {
      await beforePassword();
      hanging.resolve();
      await untilAborted(Promise.withResolvers().promise, work).catch(() => {
        throw new VsphereLoginError('cut off', { code: 'login-cut-off' });
      });
    };
    const account = { username: 'sweeper', version: 'v1' };
    const rest = logInToRest(TARGET, account, login, world.deps, endless).catch((error: unknown) => error);
    await hanging.promise;
    const next = world.soapLogin();
    world.clock.advance(9 * SECOND);
    expect(await rest).toMatchObject({ code: 'login-cut-off' });
    await next;
    expect(world.soap).toHaveLength(2);
  });

  it('whose attempt cannot be recorded give the account back, too, and send nothing', async () => {
    const world = startWorld();
    await world.soapLogin();
    const writing = Promise.withResolvers<void>();
    const accounts: typeof world.deps.accounts = {
      ...world.deps.accounts,
      beginAttempt(...attempt) {
        if (attempt[1] === restAddressOf(TARGET)) return world.deps.accounts.beginAttempt(...attempt);
        writing.resolve();
        return Promise.withResolvers<boolean>().promise;
      },
    };
    const login: RestLogin = async ({ beforePassword }) => {
      await beforePassword();
      world.sent.push(0);
    };
    const account = { username: 'sweeper', version: 'v1' };
    const deps = { ...world.deps, accounts };
    const rest = logInToRest(TARGET, account, login, deps, endless).catch((error: unknown) => error);
    await writing.promise;
    const next = world.soapLogin();
    world.clock.advance(9 * SECOND);
    // The end of an attempt whose beginning is unknown is tried to be written, for some seconds.
    for (let second = 0; second < 60; second += 1) {
      await setImmediate();
      world.clock.advance(SECOND);
    }
    expect(await rest).toMatchObject({
      code: 'deadline',
      message: expect.stringContaining('the login to the REST API of vc01'),
    });
    await next;
    expect(world.sent).toEqual([]);
  });

  it('are not made when the time for the answer is short, which would count as a refusal', async () => {
    const world = startWorld();
    await world.soapLogin();
    const error = await world.restLogin('in', { signal, remainingMs: () => 4 * SECOND });
    expect(error).toMatchObject({ code: 'login-not-sent' });
    expect((error as Error).message).toBe(
      'no login to the REST API of vc01 (no password was sent): less than 5 s of the run are left. Give the sweep a longer interval ("every")',
    );
    expect(world.sent).toEqual([]);
    expect((await world.records()).own?.refusals ?? 0).toBe(0);
    expect(await world.restLogin('in', { signal, remainingMs: () => 5 * SECOND })).toBe('in');
  });

  it('are not made when what they wait for leaves too little for the answer', async () => {
    const world = startWorld();
    await world.soapLogin();
    const deps = {
      ...world.deps,
      accounts: {
        ...world.deps.accounts,
        async beginAttempt(...attempt: Parameters<typeof world.deps.accounts.beginAttempt>) {
          world.clock.advance(2 * SECOND);
          return await world.deps.accounts.beginAttempt(...attempt);
        },
      },
    };
    const login: RestLogin = async ({ beforePassword }) => {
      await beforePassword();
      world.sent.push(0);
    };
    const account = { username: 'sweeper', version: 'v1' };
    await expect(logInToRest(TARGET, account, login, deps, endless)).rejects.toThrow(/took too long/);
    expect(world.sent).toEqual([]);
  });

  it('whose connection leaves too little for the answer send no password, and are no refusal', async () => {
    const world = startWorld();
    await world.soapLogin();
    const login: RestLogin = async ({ beforePassword }) => {
      world.clock.advance(3.5 * SECOND);
      await beforePassword();
      world.sent.push(0);
    };
    const account = { username: 'sweeper', version: 'v1' };
    await expect(logInToRest(TARGET, account, login, world.deps, endless)).rejects.toThrow(
      new VsphereLoginError(
        'no login to the REST API of vc01 (no password was sent): the connection, other logins with this account, or the state table took too long. The next run tries again',
        { code: 'login-not-sent' },
      ),
    );
    expect(world.sent).toEqual([]);
    expect((await world.records()).own?.refusals ?? 0).toBe(0);
  });

  it('are known by the address of their record', () => {
    expect(restAddressOf(TARGET)).toBe('vc01.example.org/rest');
    expect(isRestAddress(restAddressOf(TARGET))).toBe(true);
    expect(isRestAddress('vc01.example.org')).toBe(false);
  });

  it('are not made where the account is held back', async () => {
    const world = startWorld();
    await world.run('in');
    for (let n = 0; n < 2; n += 1)
      await world.accounts.recordRefusal(
        'sweeper',
        'vc01.example.org',
        { version: 'v1', answered: true },
        { signal },
      );
    expect(await world.restLogin('in')).toMatchObject({ code: 'login-forbidden' });
    expect(world.sent).toHaveLength(1);
    // And no attempt is left open by it.
    expect(await world.accounts.read('sweeper', restAddressOf(TARGET), { signal })).not.toHaveProperty(
      'openAttempt',
    );
  });
});
