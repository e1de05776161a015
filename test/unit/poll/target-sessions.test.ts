import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../lib/config/parse-config.ts';
import { createLoginQueue } from '../../../lib/logins/trial/guarded-login.ts';
import {
  openTargetSessions,
  type PollLoginDeps,
  type SessionLife,
} from '../../../lib/poll/target-sessions.ts';
import { VsphereLoginError } from '../../../lib/vsphere/errors.ts';
import type { VsphereSession } from '../../../lib/vsphere/session/session.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { startProcess, startStore } from '../logins/account-world.ts';

const config = parseConfig(
  `targets:
  - { name: vc1, credentials: { file: vc.yaml } }
  - { name: vc2, credentials: { file: vc.yaml } }
sweeps: [{ name: s, every: 1m, collectors: [overall-status] }]`,
  {
    file: 'vsweep.yaml',
    collectors: { names: ['overall-status'], overSsh: [], overVcenter: ['overall-status'] },
  },
);
const [vc1, vc2] = config.targets;
if (vc1 === undefined || vc2 === undefined) throw new RangeError('there are two');
const time = { signal: new AbortController().signal };

/** Sessions that are opened at once, or not at all; their clock is set by hand. */
function open(life: SessionLife) {
  const clock = createManualClock();
  const state = { logins: 0, fails: false, hangs: false, endsAt: [] as (number | undefined)[] };
  const session = {
    endpoint: { name: 'vc1', url: '', tls: undefined },
    content: {},
    measurements: () => ({ calls: 0, bytes: 0, ms: 0, failedLogouts: 0 }),
    logout: async () => undefined,
  } as unknown as VsphereSession;
  const deps: PollLoginDeps = {
    ...startProcess(startStore()).deps,
    logins: createLoginQueue(),
    clock,
    config,
    credentials: {
      read: async () => ({
        id: 'vc',
        version: 'v1',
        username: 'svc',
        proof: { kind: 'password', password: 'x' },
      }),
    },
    async login(_target, _credential, { beforePassword, endsAt, signal }) {
      state.endsAt.push(endsAt);
      if (state.hangs)
        await new Promise((_resolve, reject) =>
          signal?.addEventListener('abort', () => reject(signal.reason), { once: true }),
        );
      await beforePassword?.({ apiType: 'VirtualCenter', fullName: '', version: '', fields: new Map() });
      state.logins += 1;
      if (state.fails) throw new VsphereLoginError('down', { code: 'login-not-sent' });
      return session;
    },
  };
  return { clock, state, sessions: openTargetSessions(deps, life) };
}

describe('the sessions of polls', () => {
  it('have 32 polls at once each; the next ones wait for their turn, and those on another target do not', async () => {
    await using opened = open('process').sessions;
    let underWay = 0;
    let most = 0;
    const done: (() => void)[] = [];
    const work = async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise<void>((resolve) => done.push(resolve));
      underWay -= 1;
    };
    const polls = Array.from({ length: 70 }, () => opened.use(vc1, work, time));
    await expect.poll(() => underWay).toBe(32);
    await opened.use(vc2, async () => expect(underWay).toBe(32), time);
    for (let ended = 0; ended < 70; ended += 1) {
      await expect.poll(() => done.length).toBeGreaterThan(0);
      done.shift()?.();
    }
    await Promise.all(polls);
    expect(most).toBe(32);
  });

  it.each([
    ['process', 2_000],
    ['invocation', undefined],
  ] as const)('of a %s answer with a failed login for %s ms', async (life, restMs) => {
    const { clock, state, sessions } = open(life);
    state.fails = true;
    const use = () => sessions.use(vc1, async () => 'done', time).catch((error: Error) => error.message);
    expect(await use()).toBe('down');
    state.fails = false;
    clock.advance((restMs ?? 3_600_000) - 1);
    expect(await use()).toBe('down');
    expect(state.logins).toBe(1);
    clock.advance(1);
    expect(await use()).toBe(restMs === undefined ? 'down' : 'done');
  });

  it('name the target and the address that gave no session in time', async () => {
    const { clock, state, sessions } = open('process');
    await using opened = sessions;
    state.hangs = true;
    const used = opened.use(vc1, async () => undefined, { ...time, remainingMs: () => 15_000 });
    const failed = expect(used).rejects.toThrow('the login to vc1 at https://vc1/sdk: out of time');
    await expect.poll(() => state.endsAt.length).toBe(1);
    clock.advance(15_000);
    await failed;
  });

  it.each([
    ['process', undefined],
    ['invocation', 30_000],
  ] as const)(
    'of a %s are held until %s ms from now, after which nobody is there to use one',
    async (life, leftMs) => {
      const { clock, state, sessions } = open(life);
      await using opened = sessions;
      await opened.use(vc1, async () => undefined, { ...time, remainingMs: () => 30_000 });
      expect(state.endsAt).toEqual([leftMs && clock.now() + leftMs]);
    },
  );
});
