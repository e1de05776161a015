import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../lib/config/parse-config.ts';
import type { TargetConfig } from '../../../lib/config/schema.ts';
import { logInToTarget, type TargetLoginDeps } from '../../../lib/logins/trial/target-login.ts';
import { type LoginErrorCode, VsphereLoginError } from '../../../lib/vsphere/errors.ts';
import { startProcess, startStore } from './account-world.ts';

const SECOND = 1_000;
const collectors = { names: ['overall-status'], overSsh: [], overVcenter: ['overall-status'] };
const { signal } = new AbortController();

/** One target in a table of its own; each login ends with the next of `ends`, the last one for ever. */
function start(
  ends: readonly (LoginErrorCode | 'accepted')[],
  { apiType = 'VirtualCenter', scope = 'host' as 'host' | 'domain', username = 'EXAMPLE\\svc' } = {},
) {
  const config = parseConfig(
    `targets: [{ name: vc1, url: "https://vc1:8443", credentials: { file: vc.yaml } }]
esxi: { credentials: { file: esxi.yaml, scope: ${scope} } }
sweeps: [{ name: s, every: 1m, collectors: [overall-status] }]`,
    { file: 'vsweep.yaml', collectors },
  );
  const [target] = config.targets;
  if (target === undefined) throw new RangeError('there is one');
  const store = startStore();
  let passwords = 0;
  const deps: TargetLoginDeps<string> = {
    ...startProcess(store).deps,
    config,
    credentials: {
      read: async () => ({
        id: 'file:vc.yaml',
        version: 'v1',
        username,
        proof: { kind: 'password', password: 'x' },
      }),
    },
    async login(_target, _credential, { beforePassword }) {
      await beforePassword?.({ apiType, fullName: '', version: '', fields: new Map() });
      const end = ends[Math.min(passwords, ends.length - 1)] ?? 'accepted';
      passwords += 1;
      if (end === 'accepted') return 'a session';
      throw new VsphereLoginError(`${end} for ${username}`, { code: end });
    },
  };
  const logIn = () => logInToTarget(target, deps, { signal }).catch((error: Error) => error.message);
  return { store, logIn, passwords: () => passwords };
}

describe('a vCenter that neither accepts nor refuses', () => {
  it('counts no refusal and is tried again, four times in three minutes at most', async () => {
    const { store, logIn, passwords } = start([...Array(20).fill('login-undecided'), 'accepted']);
    for (let round = 1; round <= 5; round += 1) {
      for (let tried = 0; tried < 4; tried += 1)
        expect(await logIn()).toBe('login-undecided for EXAMPLE\\svc');
      expect(store.history()).toMatchObject({ refusals: 0, refusedVersions: [] });
      expect(store.history().openAttempt).toBeUndefined();
      expect(await logIn()).toContain('was neither accepted nor refused; no further login is tried before');
      expect(passwords()).toBe(4 * round);
      store.now += 180 * SECOND;
    }
    expect(await logIn()).toBe('a session');
  });
});

describe.each([
  ['a host that is a target itself', { apiType: 'HostAgent', username: 'root' }],
  ['a vCenter whose account is that of the directory', { scope: 'domain' as const }],
])('a login to %s', (_what, options) => {
  it('counts what it cannot tell as a refusal, and says so', async () => {
    const { store, logIn, passwords } = start(['login-undecided'], options);
    expect(await logIn()).toMatch(
      /^login-undecided for .*\. It counts as a refusal, because the host or its directory may have counted it$/,
    );
    expect(store.history()).toMatchObject({ refusals: 1, refusedVersions: ['v1'] });
    store.now += 60 * SECOND;
    expect(await logIn()).toContain('was refused; no further login is tried until');
    expect(passwords()).toBe(1);
  });
});

it.each(['login-refused', 'login-cut-off'] as const)('a vCenter counts %s', async (end) => {
  const { store, logIn } = start([end]);
  await logIn();
  expect(store.history()).toMatchObject({ refusals: 1 });
});

it('no login is made to a target without credentials, which only ssh asks', async () => {
  const target = { name: 'vc1', url: 'https://vc1' } as TargetConfig;
  const deps = {} as TargetLoginDeps<string>;
  await expect(logInToTarget(target, deps, { signal })).rejects.toMatchObject({
    code: 'not-found',
    message:
      'The credential vc1 is a target without credentials, which is asked by ssh only; give it "credentials" to log in there',
  });
});

it('a vCenter counts nothing of a login that sent no password', async () => {
  const { store, logIn } = start(['login-not-sent']);
  expect(await logIn()).toBe('login-not-sent for EXAMPLE\\svc');
  expect(store.history()).toMatchObject({ refusals: 0, refusedVersions: [] });
  expect(store.history().undecidedAt).toBeUndefined();
});
