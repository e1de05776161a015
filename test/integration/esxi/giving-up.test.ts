import { describe, expect, it, vi } from 'vitest';
import type { DemoSshBehaviour } from '../../../lib/demo/esxi-sshd.ts';
import type { SshStage } from '../../../lib/esxi/errors.ts';
import { ADDRESS, ask, failureOf, startHost } from './demo-fleet.ts';

describe('runCommand, given up by its caller', () => {
  it.each<[string, DemoSshBehaviour, number, boolean, SshStage]>([
    ['before the banner', 'silent', 0, false, 'banner'],
    ['after the password was sent', 'hangs-after-password', 3, true, 'login'],
    ['during the command', 'hangs-after-exec', 3, false, 'command'],
  ])('closes the connection at once %s', async (_when, behaviour, requests, credentialSent, stage) => {
    await using demo = await startHost(behaviour);
    const caller = new AbortController();
    const accepted = Promise.withResolvers<void>();
    const run = failureOf(ask(demo, {}, { onAuthenticated: () => accepted.resolve() }, caller.signal));
    await vi.waitFor(() => {
      expect(demo.connections()).toBe(1);
      expect(demo.authRequests(ADDRESS)).toHaveLength(requests);
    });
    if (behaviour === 'hangs-after-exec') await accepted.promise;
    caller.abort(new Error('the worker ends'));
    const error = await run;
    expect(error).toMatchObject({ code: 'timeout', credentialSent, cause: caller.signal.reason });
    expect(error.message).toContain('stopped before it ended');
    expect(error.stage).toBe(stage);
    expect(error.retryable).toBe(behaviour === 'silent');
    await vi.waitFor(() => expect(demo.connections()).toBe(0));
  });

  it('does not dial when it was given up before', async () => {
    await using demo = await startHost('normal');
    const error = await failureOf(ask(demo, {}, {}, AbortSignal.abort(new Error('too late'))));
    expect(error).toMatchObject({ code: 'timeout', stage: 'connect', credentialSent: false });
    expect(demo.authRequests(ADDRESS)).toEqual([]);
    expect(demo.connections()).toBe(0);
  });

  it('sends nothing when it was given up while the host key was looked up', async () => {
    await using demo = await startHost('normal');
    const caller = new AbortController();
    const verifyHostKey = async () => {
      caller.abort(new Error('the worker ends'));
      return true;
    };
    const error = await failureOf(ask(demo, {}, { verifyHostKey }, caller.signal));
    expect(error).toMatchObject({ code: 'timeout', credentialSent: false });
    expect(demo.authRequests(ADDRESS)).toEqual([]);
  });
});
