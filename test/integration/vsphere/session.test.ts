import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { DemoVcenter } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import { createLineLog } from '../../../lib/platform/log.ts';
import { VsphereLoginError, VsphereLoginRefusedError } from '../../../lib/vsphere/errors.ts';
import { cloneSession, login, type VsphereSession } from '../../../lib/vsphere/session/session.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import {
  DEPS,
  endpointOf,
  eventually,
  loginTo,
  PROOF,
  rejectionOf,
  startTarget,
  testSignal,
} from './demo-target.ts';

const signal = testSignal();

describe('login', () => {
  it('opens a session, says who answers, and logs out when disposed', async () => {
    await using vcenter = await startTarget();
    {
      await using session = await loginTo(vcenter);
      expect(session.about).toMatchObject({ apiType: 'VirtualCenter', version: '8.0.3' });
      expect(vcenter.sessions()).toBe(1);
      expect(session.measurements()).toMatchObject({ calls: 2 });
      expect(session.measurements().bytes).toBeGreaterThan(500);
    }
    expect(vcenter.sessions()).toBe(0);
    expect(vcenter.stats).toMatchObject({ logins: 1, refusedLogins: 0, logouts: 1 });
  });

  it('is refused once, with one attempt, and never shows the password', async () => {
    await using vcenter = await startTarget();
    const proof = { ...PROOF, password: 'wrong-and-secret' };
    const error = await rejectionOf(login(endpointOf(vcenter), proof, DEPS, { signal }));
    expect(error).toBeInstanceOf(VsphereLoginRefusedError);
    expect(error).toMatchObject({ code: 'login-refused', fault: 'InvalidLogin', credentialSent: true });
    expect(error.message).toContain('vc01 refused the login of sweeper@vsphere.local');
    expect(JSON.stringify([error, error.stack])).not.toContain('secret');
    expect(vcenter.stats.calls).toMatchObject({ Login: 1 });
    expect(vcenter.stats.refusedLogins).toBe(1);
  });

  it('takes NoPermission as a refusal too', async () => {
    await using vcenter = await startTarget();
    vcenter.misbehave({ kind: 'soap-fault', fault: 'NoPermission', operation: 'Login' });
    expect(await rejectionOf(loginTo(vcenter))).toMatchObject({
      code: 'login-refused',
      credentialSent: true,
      message: expect.stringContaining('the role "Read-only"'),
    });
  });

  it.each(['down', 'truncate', 'cut-xml'] as const)(
    'is cut off when the answer is lost (%s) after the password was sent, and is not repeated',
    async (kind) => {
      await using vcenter = await startTarget();
      vcenter.misbehave({ kind, operation: 'Login' });
      const error = await rejectionOf(loginTo(vcenter));
      expect(error).toMatchObject({ code: 'login-cut-off', credentialSent: true, retryable: false });
      expect(vcenter.stats.calls.Login).toBe(1);
    },
  );

  it.each([
    ['SystemError', { kind: 'soap-fault', fault: 'SystemError', operation: 'Login' }],
    ['HTTP 503', { kind: 'html', operation: 'Login' }],
  ] as const)('is undecided when the answer is %s, and is not repeated', async (_what, fault) => {
    await using vcenter = await startTarget();
    vcenter.misbehave(fault);
    const error = await rejectionOf(loginTo(vcenter));
    expect(error).toMatchObject({ code: 'login-undecided', credentialSent: true, retryable: false });
    expect(vcenter.stats.calls.Login).toBe(1);
  });

  it('is cut off when the signal ends a login that hangs', async () => {
    await using vcenter = await startTarget();
    vcenter.misbehave({ kind: 'hang', operation: 'Login' });
    const work = new AbortController();
    const error = rejectionOf(loginTo(vcenter, work.signal));
    await eventually(() => vcenter.stats.calls.Login === 1);
    work.abort(new Error('out of time'));
    expect(await error).toMatchObject({ code: 'login-cut-off', credentialSent: true });
  });

  it('succeeds where the vCenter closed the connection while it was asked whether the account may be tried', async () => {
    await using vcenter = await startTarget();
    const beforePassword = async () => {
      // In the same turn, as in a process that was stalled meanwhile: the word of it is not read.
      vcenter.misbehave({ kind: 'down' });
      vcenter.misbehave(undefined);
    };
    await using _ = await login(endpointOf(vcenter), PROOF, DEPS, { signal, beforePassword });
    expect(vcenter.stats).toMatchObject({ logins: 1, refusedLogins: 0 });
    expect(vcenter.connections()).toBe(2);
  });

  it('is not sent to a vCenter that is down, hangs or answers with a web page', async () => {
    await using vcenter = await startTarget();
    for (const kind of ['down', 'html'] as const) {
      vcenter.misbehave({ kind });
      expect(await rejectionOf(loginTo(vcenter))).toMatchObject({
        code: 'login-not-sent',
        credentialSent: false,
        retryable: true,
      });
    }
    vcenter.misbehave({ kind: 'hang' });
    const ended = await rejectionOf(loginTo(vcenter, AbortSignal.timeout(100)));
    expect(ended).toMatchObject({ code: 'login-not-sent', credentialSent: false, retryable: false });
    expect(vcenter.stats.calls.Login).toBeUndefined();
  });

  it('is not sent to a vCenter with another certificate', async () => {
    await using vcenter = await startTarget();
    const tls = { sha256: [Array.from({ length: 32 }, () => '00').join(':')] };
    const error = await rejectionOf(login({ ...endpointOf(vcenter), tls }, PROOF, DEPS, { signal }));
    expect(error).toMatchObject({ code: 'login-not-sent', credentialSent: false, retryable: false });
    expect(error.message).toContain(`tls: { sha256: ["${tls.sha256[0]}", "${vcenter.sha256}"] }`);
    expect(vcenter.stats.calls).toEqual({});
  });

  it('believes an issuer', async () => {
    await using vcenter = await startTarget();
    const tls = { ca: vcenter.certPem };
    await using _ = await login({ ...endpointOf(vcenter), tls }, PROOF, DEPS, { signal });
    expect(vcenter.stats.logins).toBe(1);
  });

  it('is not sent when nobody listens, when there is no such name, or when the password cannot be written', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const attempt = (url: string, proof = PROOF) =>
      rejectionOf(login({ name: 'vc01', url, tls: undefined }, proof, DEPS, { signal }));
    const refused = await attempt(`https://127.0.0.1:${port}/sdk`);
    expect(refused).toMatchObject({ code: 'login-not-sent', cause: { code: 'connection-refused' } });
    const unknown = await attempt(`https://${'a'.repeat(70)}.invalid/sdk`);
    expect(unknown).toMatchObject({ code: 'login-not-sent', cause: { code: 'dns' } });
    await using vcenter = await startTarget();
    const proof = { ...PROOF, password: 'half\ud800' };
    const error = await rejectionOf(login(endpointOf(vcenter), proof, DEPS, { signal }));
    expect(error).toBeInstanceOf(VsphereLoginError);
    expect(error).toMatchObject({ code: 'login-not-sent' });
  });

  it('ends with the signal while it is still connecting, and drops its connections', async () => {
    const open = new Set<Socket>();
    const server = createServer((socket) => {
      open.add(socket.resume());
      socket.on('error', () => undefined).on('close', () => open.delete(socket));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/sdk`;
    const attempt = login({ name: 'vc01', url, tls: undefined }, PROOF, DEPS, {
      signal: AbortSignal.timeout(50),
    });
    expect(await rejectionOf(attempt)).toMatchObject({ credentialSent: false });
    await eventually(() => open.size === 0);
    server.close();
  });
});

describe('a clone ticket', () => {
  it('opens one session without a password, and no second one', async () => {
    await using vcenter = await startTarget();
    await using session = await loginTo(vcenter);
    const ticket = await session.acquireCloneTicket({ signal });
    {
      await using clone = await cloneSession(endpointOf(vcenter), ticket, DEPS, { signal });
      expect(clone.about).toEqual(session.about);
      expect(vcenter.sessions()).toBe(2);
      const again = await rejectionOf(cloneSession(endpointOf(vcenter), ticket, DEPS, { signal }));
      expect(again).toMatchObject({ code: 'fault', fault: 'InvalidLogin' });
      expect(JSON.stringify([again, again.stack])).not.toContain(ticket);
    }
    expect(vcenter.sessions()).toBe(1);
    expect(vcenter.stats).toMatchObject({ logins: 1, clones: 1, refusedLogins: 0 });
  });
});

describe('a session whose opening is cut off half-way', () => {
  const clone = async (vcenter: DemoVcenter, session: VsphereSession, work: AbortSignal) => {
    const ticket = await session.acquireCloneTicket({ signal });
    return cloneSession(endpointOf(vcenter), ticket, DEPS, { signal: work });
  };

  it.each(['truncate', 'cut-xml'] as const)('is logged out of when its answer is %s', async (kind) => {
    await using vcenter = await startTarget();
    vcenter.misbehave({ kind, operation: 'Login' });
    expect(await rejectionOf(loginTo(vcenter))).toMatchObject({ code: 'login-cut-off' });
    expect([vcenter.stats.logins, vcenter.sessions()]).toEqual([1, 0]);
    vcenter.misbehave(undefined);
    await using session = await loginTo(vcenter);
    vcenter.misbehave({ kind, operation: 'CloneSession' });
    expect(await rejectionOf(clone(vcenter, session, signal))).toMatchObject({ code: 'truncated' });
    expect([vcenter.stats.clones, vcenter.sessions()]).toEqual([1, 1]);
  });

  it('is there to be ended when its answer was on its way as the signal aborted', async () => {
    await using vcenter = await startTarget();
    vcenter.misbehave({ kind: 'slow', ms: 100, operation: 'Login' });
    const work = new AbortController();
    const opening = loginTo(vcenter, work.signal);
    await eventually(() => vcenter.stats.calls['Login'] === 1);
    work.abort(new Error('out of time'));
    await using session = await opening;
    vcenter.misbehave({ kind: 'slow', ms: 100, operation: 'CloneSession' });
    const more = new AbortController();
    const cloning = clone(vcenter, session, more.signal);
    await eventually(() => vcenter.stats.calls['CloneSession'] === 1);
    more.abort(new Error('out of time'));
    await (await cloning).logout({ signal });
    expect(vcenter.sessions()).toBe(1);
  });

  it('is not waited for when the vCenter hangs', async () => {
    await using vcenter = await startTarget();
    await using session = await loginTo(vcenter);
    vcenter.misbehave({ kind: 'hang', operation: 'CloneSession' });
    const work = new AbortController();
    const cloning = rejectionOf(clone(vcenter, session, work.signal));
    await eventually(() => vcenter.stats.calls['CloneSession'] === 1);
    const abortedAt = performance.now();
    work.abort(new Error('out of time'));
    expect((await cloning).message).toBe('out of time');
    expect(performance.now() - abortedAt).toBeLessThan(15_000);
  });

  it('is refused by a vCenter that has no room, and another is opened when it has', async () => {
    await using vcenter = await startTarget({ maxSessions: 1 });
    {
      await using _ = await loginTo(vcenter);
      expect(await rejectionOf(loginTo(vcenter))).toMatchObject({ code: 'login-undecided' });
    }
    await using _ = await loginTo(vcenter);
    expect(vcenter.sessions()).toBe(1);
  });
});

describe('the connections of a session', () => {
  it.each([
    [
      'its login is refused',
      async (vcenter: DemoVcenter, deps: typeof DEPS) => {
        await rejectionOf(login(endpointOf(vcenter), { ...PROOF, password: 'wrong' }, deps, { signal }));
      },
    ],
    [
      'its ticket is refused',
      async (vcenter: DemoVcenter, deps: typeof DEPS) => {
        await rejectionOf(cloneSession(endpointOf(vcenter), 'no ticket', deps, { signal }));
      },
    ],
    [
      'its logout fails',
      async (vcenter: DemoVcenter, deps: typeof DEPS) => {
        const session = await login(endpointOf(vcenter), PROOF, deps, { signal });
        vcenter.misbehave({ kind: 'soap-fault', fault: 'RuntimeFault', operation: 'Logout' });
        await rejectionOf(session.logout({ signal }));
      },
    ],
    [
      'it has ended by itself',
      async (vcenter: DemoVcenter, deps: typeof DEPS) => {
        const session = await login(endpointOf(vcenter), PROOF, deps, { signal });
        vcenter.misbehave({ kind: 'expire-sessions' });
        await session.logout({ signal });
        expect(session.measurements().failedLogouts).toBe(0);
      },
    ],
  ])('are dropped, once, when %s', async (_, work) => {
    await using vcenter = await startTarget();
    const links: string[] = [];
    const observe = {
      opened: (target: string) => links.push(`opened ${target}`),
      closed: (target: string) => links.push(`closed ${target}`),
      called: () => undefined,
    };
    const deps = { ...DEPS, observe };
    await work(vcenter, deps);
    expect(links).toEqual(['opened vc01', 'closed vc01']);
  });
});

describe('logout', () => {
  it('happens on disposal also after the signal of the work aborted', async () => {
    await using vcenter = await startTarget();
    const work = new AbortController();
    const failed = (async () => {
      await using session = await loginTo(vcenter, work.signal);
      work.abort(new Error('out of time'));
      await session.acquireCloneTicket({ signal: work.signal });
    })();
    await expect(failed).rejects.toThrow('out of time');
    expect(vcenter.sessions()).toBe(0);
  });

  it('is made once', async () => {
    await using vcenter = await startTarget();
    const session = await loginTo(vcenter);
    await session.logout({ signal });
    await session.logout({ signal });
    expect(vcenter.stats.calls.Logout).toBe(1);
  });

  it('is content when the session has ended already', async () => {
    await using vcenter = await startTarget();
    const session = await loginTo(vcenter);
    vcenter.misbehave({ kind: 'expire-sessions' });
    await session.logout({ signal });
    expect(vcenter.stats.logouts).toBe(0);
  });

  it('that hangs is given up after a while, and named', async () => {
    await using vcenter = await startTarget();
    const clock = createManualClock();
    const session = await login(endpointOf(vcenter), PROOF, { ...DEPS, clock }, { signal });
    vcenter.misbehave({ kind: 'hang', operation: 'Logout' });
    const ending = rejectionOf(session.logout({ signal }));
    await eventually(() => vcenter.stats.calls['Logout'] === 1);
    clock.advance(clock.nextInMs() ?? 0);
    expect((await ending).message).toContain('logout on vc01');
  });

  it('throws when asked for, and is logged without hiding the first error on disposal', async () => {
    await using vcenter = await startTarget();
    const asked = await loginTo(vcenter);
    vcenter.misbehave({ kind: 'soap-fault', fault: 'RuntimeFault', operation: 'Logout' });
    await expect(asked.logout({ signal })).rejects.toThrow('RuntimeFault');
    await asked.logout({ signal });
    expect(asked.measurements().failedLogouts).toBe(1);
    const lines: string[] = [];
    const log = createLineLog({ write: (line) => lines.push(line), level: 'warn' });
    const failed = (async () => {
      await using _ = await login(endpointOf(vcenter), PROOF, { ...DEPS, log }, { signal });
      throw new Error('the first error');
    })();
    await expect(failed).rejects.toThrow('the first error');
    expect(lines).toEqual([
      expect.stringMatching(/^warn {2}logout failed target="vc01" error=".*RuntimeFault/),
    ]);
  });
});
