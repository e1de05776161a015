import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { DemoSshBehaviour } from '../../../lib/demo/esxi-sshd.ts';
import { startDemoEsxi } from '../../../lib/demo/esxi-sshd.ts';
import type { SshFailure, SshStage } from '../../../lib/esxi/errors.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import {
  ADDRESS,
  ask,
  credentialWith,
  failureOf,
  PASSWORD,
  startHost,
  statesOf,
  USER,
} from './demo-fleet.ts';

const ANSWERED = ['none', 'keyboard-interactive', 'answer'];
const UNHURRIED = { connectMs: 60_000, loginMs: 60_000, commandMs: 60_000 };
const quick = { timeouts: { connectMs: 300, loginMs: 300, commandMs: 300 } };

describe('runCommand, on a host that lets it in', () => {
  it.each<[DemoSshBehaviour, string, string[]]>([
    ['normal', 'keyboard-interactive', ['answer']],
    ['empty-rounds', 'keyboard-interactive', ['answer']],
    ['password-only', 'password', []],
  ])('reads the services of a host that is %s by one %s login', async (behaviour, method, answers) => {
    await using demo = await startHost(behaviour);
    const onAuthenticated = vi.fn();
    const result = await ask(demo, {}, { onAuthenticated });
    expect(statesOf(result)).toBe('hostd=running vpxa=stopped nsx-opsagent=running nsxa=absent');
    expect(result).toMatchObject({ exitCode: 0, authMethod: method });
    expect(onAuthenticated).toHaveBeenCalledExactlyOnceWith(method);
    expect(demo.authRequests(ADDRESS)).toEqual(['none', method, ...answers]);
    await vi.waitFor(() => expect(demo.connections()).toBe(0));
  });

  it('gives the exit code of a command that fails', async () => {
    await using demo = await startHost('normal');
    expect(await ask(demo, { command: 'no-such-command' })).toMatchObject({ stdout: '', exitCode: 127 });
  });

  it('waits for a hung service as long as the host does, and reads the others', async () => {
    await using demo = await startHost('normal', { hungMs: 100 });
    demo.setService(ADDRESS, 'vpxa', 'hung');
    expect(statesOf(await ask(demo))).toBe('hostd=running vpxa=unknown nsx-opsagent=running nsxa=absent');
  });

  it('waits before the login when it is told to, connected, and gives the login its whole time then', async () => {
    await using demo = await startHost('normal');
    const clock = createManualClock();
    const beforeLogin = async () => {
      await vi.waitFor(() => expect(demo.connections()).toBe(1));
      expect(demo.authRequests(ADDRESS)).toEqual([]);
      clock.advance(5_000);
    };
    const timeouts = { connectMs: 1_000, loginMs: 1_000, commandMs: 1_000 };
    expect(await ask(demo, { timeouts }, { clock, beforeLogin })).toMatchObject({
      exitCode: 0,
      timings: { connectMs: 0, loginMs: 0 },
    });
  });

  it('asks for nothing, and hangs up, when the wait before the login ends in an error', async () => {
    await using demo = await startHost('normal');
    const tooLate = new Error('too late');
    await expect(ask(demo, {}, { beforeLogin: () => Promise.reject(tooLate) })).rejects.toBe(tooLate);
    expect(demo.authRequests(ADDRESS)).toEqual([]);
    await vi.waitFor(() => expect(demo.connections()).toBe(0));
  });

  it('says at once that the host hung up during the wait before the login', async () => {
    await using demo = await startHost('silent');
    const beforeLogin = async () => {
      await demo[Symbol.asyncDispose]();
      // The end of the connection comes with one of the next turns of the event loop.
      for (let turn = 0; turn < 100; turn += 1) await setImmediate();
    };
    const error = await failureOf(ask(demo, { timeouts: UNHURRIED }, { beforeLogin }));
    expect(error).toMatchObject({ code: 'banner', credentialSent: false });
    expect(error.message).toMatch(
      /^\S+@127\.\d+\.\d+\.\d+:\d+: the host closed the connection before the login; check whether its ssh service is overloaded$/,
    );
  });

  it('logs in to 200 hosts at once in one process', async () => {
    const hosts = Array.from({ length: 200 }, (_, index) => ({
      address: `127.0.62.${index + 1}`,
      behaviour: 'normal' as const,
      services: { hostd: 'running' as const },
    }));
    await using demo = await startDemoEsxi({ user: USER, password: PASSWORD, hosts });
    const timeouts = { connectMs: 15_000, loginMs: 15_000, commandMs: 15_000 };
    const results = await Promise.all(
      hosts.map(({ address }) => ask(demo, { target: { host: address, port: demo.port }, timeouts })),
    );
    expect(new Set(results.map(statesOf))).toEqual(
      new Set(['hostd=running vpxa=absent nsx-opsagent=absent nsxa=absent']),
    );
    await vi.waitFor(() => expect(demo.connections()).toBe(0));
  });
});

describe('runCommand, on a host that does not', () => {
  it.each<[DemoSshBehaviour, SshFailure, SshStage, boolean, string[]]>([
    ['refuses-login', 'auth', 'login', true, ANSWERED],
    ['second-prompt', 'auth', 'login', true, ANSWERED],
    ['echo-prompt', 'auth', 'login', false, ['none', 'keyboard-interactive']],
    ['drops-after-password', 'auth', 'login', true, ANSWERED],
    ['hangs-after-password', 'timeout', 'login', true, ANSWERED],
    ['publickey', 'auth', 'login', false, ['none']],
    ['open-door', 'auth', 'login', false, ['none']],
    ['no-questions', 'auth', 'login', false, ['none', 'keyboard-interactive']],
    ['silent', 'banner', 'banner', false, []],
    ['not-ssh', 'banner', 'banner', false, []],
    ['closed', 'connection-refused', 'connect', false, []],
    ['hangs-after-exec', 'exec-timeout', 'command', false, ANSWERED],
    ['drops-after-exec', 'output', 'command', false, ANSWERED],
    ['flood', 'output', 'command', false, ANSWERED],
  ])(
    'ends %s with %s, at stage %s, credential sent %s, after one attempt',
    async (behaviour, code, stage, credentialSent, requests) => {
      await using demo = await startHost(behaviour);
      const error = await failureOf(ask(demo, quick));
      expect(error).toMatchObject({ code, stage, credentialSent });
      expect(error.message).toContain(`${ADDRESS}:${demo.port}`);
      expect(error.message).not.toContain(PASSWORD);
      expect(demo.authRequests(ADDRESS)).toEqual(requests);
      await vi.waitFor(() => expect(demo.connections()).toBe(0));
    },
  );

  it('counts a wrong password once', async () => {
    await using demo = await startHost('normal');
    const wrong = credentialWith({ kind: 'password', password: 'the wrong one' });
    expect(await failureOf(ask(demo, { credential: wrong }))).toMatchObject({
      code: 'auth',
      credentialSent: true,
    });
    expect(demo.loginAttempts(ADDRESS)).toEqual({ accepted: 0, refused: 1 });
  });

  it.each<DemoSshBehaviour>(['garbage', 'killed-midway'])(
    'hands the output of %s to the parser, which refuses it',
    async (behaviour) => {
      await using demo = await startHost(behaviour);
      const result = await ask(demo);
      expect(() => statesOf(result)).toThrow(expect.objectContaining({ code: 'output' }));
    },
  );

  it('fails with dns for a name that does not exist', async () => {
    const error = await failureOf(ask({ port: 22 }, { target: { host: 'esx01.invalid', port: 22 } }));
    expect(error).toMatchObject({ code: 'dns', stage: 'connect', credentialSent: false, retryable: true });
  });
});
