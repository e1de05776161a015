import { describe, expect, it } from 'vitest';
import type { Config, TargetConfig } from '../../../lib/config/schema.ts';
import { addressOfTarget, logInToTarget, STANDALONE } from '../../../lib/logins/trial/target-login.ts';
import { VsphereLoginError } from '../../../lib/vsphere/errors.ts';
import type { LoginOptions } from '../../../lib/vsphere/session/session.ts';
import { startProcess, startStore } from './account-world.ts';

const target = (over: Partial<TargetConfig> = {}) =>
  ({ name: 'vc01', url: 'https://vc01/sdk', credentials: { env: 'VC' }, ...over }) as TargetConfig;

/** One process that logs in to a target; `end` is what the far side does once the password may be sent. */
function start({
  username = 'sweeper',
  apiType = 'VirtualCenter',
  known = {},
  config = { esxi: undefined },
  end = () => Promise.resolve('session'),
}: {
  username?: string;
  apiType?: string;
  known?: Parameters<typeof startStore>[0];
  config?: Pick<Config, 'esxi'>;
  end?: () => Promise<string>;
} = {}) {
  const store = startStore(known);
  const accounts: string[] = [];
  const deps = {
    ...startProcess(store).deps,
    config,
    credentials: { read: async () => ({ id: 'env:VC', version: 'v1', username, password: 'p' }) },
    login: async (_target: TargetConfig, _credential: unknown, { beforePassword }: LoginOptions) => {
      await beforePassword?.({ apiType } as Parameters<NonNullable<LoginOptions['beforePassword']>>[0]);
      return await end();
    },
  };
  const { beginAttempt } = deps.accounts;
  deps.accounts = {
    ...deps.accounts,
    beginAttempt: (user, address, ...rest) => {
      accounts.push(`${user} on ${address}`);
      return beginAttempt(user, address, ...rest);
    },
  };
  const logIn = (over: Partial<TargetConfig> = {}) =>
    logInToTarget(target(over), deps as never, { signal: new AbortController().signal });
  return { store, accounts, logIn };
}

const domain = { esxi: { credentials: { env: 'ESXI', scope: 'domain' } } } as unknown as Pick<Config, 'esxi'>;

describe('addressOfTarget', () => {
  it('is the host of the url, without the brackets of IPv6', () => {
    const addresses = ['https://vc01.example.org:8443/sdk', 'https://[2001:db8::1]/sdk'].map((url) =>
      addressOfTarget({ url }),
    );
    expect(addresses).toEqual(['vc01.example.org', '2001:db8::1']);
  });
});

describe('logInToTarget', () => {
  it('counts the login on the account and the host of the url', async () => {
    const { accounts, logIn } = start();
    expect(await logIn()).toBe('session');
    expect(accounts).toEqual(['sweeper on vc01']);
  });

  it('counts an account of the directory where its logins by ssh count', async () => {
    const { accounts, logIn } = start({ username: 'CORP\\\\Sweeper', config: domain });
    await logIn();
    expect(accounts).toEqual(['sweeper on *']);
  });

  it('counts an account of a vCenter of its own on that vCenter, and by the credential of the hosts where theirs count', async () => {
    const { accounts, logIn } = start({ config: domain });
    await logIn();
    await logIn({ credentials: { env: 'ESXI' } });
    expect(accounts).toEqual(['sweeper on vc01', 'sweeper on *']);
  });

  it('says which vCenter or host refused an account of the directory: its own acceptance forgets that', async () => {
    const end = () => Promise.reject(new VsphereLoginError('no', { code: 'login-refused' }));
    const { store, logIn } = start({ username: 'CORP\\Sweeper', config: domain, end });
    await expect(logIn()).rejects.toThrow('no');
    expect(store.refusals).toEqual([{ version: 'v1', answered: true, host: 'vc01' }]);
  });

  it.each([
    ['login-refused', { answered: true, decays: true }],
    ['login-cut-off', { decays: true }],
  ] as const)(
    'tells the record of %s whether it was an answer, and that a vCenter forgets it',
    async (code, answer) => {
      const { store, logIn } = start({ end: () => Promise.reject(new VsphereLoginError('no', { code })) });
      await expect(logIn()).rejects.toThrow('no');
      expect(store.refusals).toEqual([{ version: 'v1', ...answer }]);
    },
  );

  it('holds a standalone host to the budget of hosts, and a vCenter to its window', async () => {
    const known = { refusals: 2, refusedVersions: ['v1', 'v1'], lastRefusalAt: 0, earlierRefusalAt: 0 };
    await expect(start({ known, apiType: STANDALONE }).logIn()).rejects.toThrow('blacklist lift');
    expect(await start({ known }).logIn()).toBe('session');
  });

  it('takes for a refusal what ended a login after the password was sent, and nothing else', async () => {
    const sent = new VsphereLoginError('cut off', { code: 'login-cut-off' });
    const unsent = new VsphereLoginError('no way to log in', { code: 'login-not-sent' });
    const other = Object.assign(new Error('broken'), { credentialSent: true });
    const refusals = [];
    for (const error of [sent, unsent, other]) {
      const { store, logIn } = start({ end: () => Promise.reject(error) });
      await expect(logIn()).rejects.toBe(error);
      refusals.push(store.history().refusals);
    }
    expect(refusals).toEqual([1, 0, 0]);
  });

  it('reads no credential of a target that has none, and says where to give it', async () => {
    const { accounts, logIn } = start();
    const { credentials: _none, ...bare } = target();
    await expect(logIn({ ...bare, credentials: undefined } as never)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/vc01 .*give it "credentials"/),
    });
    expect(accounts).toEqual([]);
  });
});
