import { describe, expect, it } from 'vitest';
import type { Config } from '../../../lib/config/schema.ts';
import { createLoginQueue } from '../../../lib/logins/trial/guarded-login.ts';
import { logInToRest, restAddressOf } from '../../../lib/logins/trial/rest-login.ts';
import { logInToTarget } from '../../../lib/logins/trial/target-login.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { createAccountStore } from '../../../lib/state/stores/accounts.ts';
import { VsphereLoginError } from '../../../lib/vsphere/errors.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const signal = AbortSignal.timeout(100_000);
const TARGET = {
  name: 'vc01',
  url: 'https://vc01.example.org/sdk',
  credentials: { env: 'VC' },
} as unknown as Parameters<typeof logInToTarget>[0];
const MINUTE = 60_000;
const refused = () => new VsphereLoginError('refused', { code: 'login-refused' });
type RestAnswer = 'in' | VsphereLoginError['code'];

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
  return {
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
      const accepted = { username, version };
      await logInToTarget(
        TARGET,
        {
          ...deps,
          credentials: {
            read: async () => ({ id: 'env:VC', ...accepted, proof: { kind: 'password', password: 'x' } }),
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
        { signal },
      );
      const login = async ({ beforePassword }: { beforePassword: () => Promise<void> }) => {
        await beforePassword();
        sent.push(clock.now());
        if (answer !== 'in')
          throw answer === 'login-refused' ? refused() : new VsphereLoginError(answer, { code: answer });
        return 'in' as const;
      };
      return await logInToRest(TARGET, accepted, login, deps, { signal }).catch((error: Error) => error);
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

  it('of an account of a directory count where its logins by ssh do', async () => {
    const world = startWorld({ scope: 'domain', username: 'CORP\\sweeper' });
    await world.run('login-refused');
    expect(await world.accounts.read('sweeper', '*', { signal })).toMatchObject({ refusals: 1 });
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
    const login = async ({ beforePassword }: { beforePassword: () => Promise<void> }) => {
      await beforePassword();
      world.sent.push(0);
    };
    const sent = world.sent.length;
    const account = { username: 'sweeper', version: 'v1' };
    await expect(logInToRest(TARGET, account, login, world.deps, { signal })).rejects.toMatchObject({
      code: 'login-forbidden',
    });
    expect(world.sent).toHaveLength(sent);
    // And no attempt is left open by it.
    expect(await world.accounts.read('sweeper', restAddressOf(TARGET), { signal })).not.toHaveProperty(
      'openAttempt',
    );
  });
});
