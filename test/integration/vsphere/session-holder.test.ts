import { describe, expect, it } from 'vitest';
import type { DemoVcenter } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import type { VsphereSession } from '../../../lib/vsphere/session/session.ts';
import { createSessionHolder, type SessionHolderDeps } from '../../../lib/vsphere/session/session-holder.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { DEPS, eventually, loginTo, rejectionOf, startTarget, testSignal } from './demo-target.ts';

const signal = testSignal();
const ask = (session: VsphereSession) => session.acquireCloneTicket({ signal });

function hold(vcenter: DemoVcenter, changes: Partial<SessionHolderDeps> = {}) {
  return createSessionHolder({
    ...DEPS,
    open: (options) => loginTo(vcenter, options.signal),
    restMs: 60_000,
    logoutMs: 1_000,
    ...changes,
  });
}

describe('createSessionHolder', () => {
  it('lends one session to many at the same time, and logs out when disposed', async () => {
    await using vcenter = await startTarget();
    {
      await using holder = hold(vcenter);
      expect(vcenter.stats.logins).toBe(0);
      const tickets = await Promise.all(Array.from({ length: 20 }, () => holder.use(ask, { signal })));
      expect(new Set(tickets).size).toBe(20);
      expect(vcenter.sessions()).toBe(1);
    }
    expect(vcenter.sessions()).toBe(0);
    expect(vcenter.stats).toMatchObject({ logins: 1, logouts: 1 });
  });

  it('renews an ended session with one login for all who use it, and runs their work again', async () => {
    await using vcenter = await startTarget();
    await using holder = hold(vcenter);
    const begun: VsphereSession[] = [];
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    const work = async (session: VsphereSession) => {
      begun.push(session);
      if (begun.length === 10) resolve();
      await ready;
      return await ask(session);
    };
    const all = Promise.all(Array.from({ length: 10 }, () => holder.use(work, { signal })));
    await ready;
    vcenter.misbehave({ kind: 'expire-sessions' });
    expect(await all).toHaveLength(10);
    expect(vcenter.stats.logins).toBe(2);
    expect([begun.length, new Set(begun).size]).toEqual([20, 2]);
  });

  it('does not renew again for a call that failed in the old session after the renewal', async () => {
    await using vcenter = await startTarget();
    await using holder = hold(vcenter);
    const { promise: later, resolve } = Promise.withResolvers<void>();
    let runs = 0;
    const late = holder.use(
      async (session) => {
        runs += 1;
        if (runs === 1) await later;
        return await ask(session);
      },
      { signal },
    );
    await eventually(() => runs === 1);
    vcenter.misbehave({ kind: 'expire-sessions' });
    await holder.use(ask, { signal });
    resolve();
    await late;
    expect([runs, vcenter.stats.logins]).toEqual([2, 2]);
  });

  it('renews once for one work: a vCenter that forgets every session is told so', async () => {
    await using vcenter = await startTarget();
    await using holder = hold(vcenter);
    vcenter.misbehave({ kind: 'soap-fault', fault: 'NotAuthenticated', operation: 'AcquireCloneTicket' });
    expect(await rejectionOf(holder.use(ask, { signal }))).toMatchObject({ fault: 'NotAuthenticated' });
    expect(vcenter.stats.logins).toBe(2);
  });

  it('passes other faults on and keeps the session', async () => {
    await using vcenter = await startTarget();
    await using holder = hold(vcenter);
    vcenter.misbehave({ kind: 'soap-fault', fault: 'NoPermission', operation: 'AcquireCloneTicket' });
    expect(await rejectionOf(holder.use(ask, { signal }))).toMatchObject({ fault: 'NoPermission' });
    vcenter.misbehave(undefined);
    await holder.use(ask, { signal });
    expect(vcenter.stats.logins).toBe(1);
  });

  it('asks for one login, and after a refusal for none until it has rested', async () => {
    await using vcenter = await startTarget();
    const clock = createManualClock();
    await using holder = hold(vcenter, { clock });
    vcenter.misbehave({ kind: 'soap-fault', fault: 'InvalidLogin', operation: 'Login' });
    const refusals = Array.from({ length: 5 }, () => rejectionOf(holder.use(ask, { signal })));
    for (const error of await Promise.all(refusals)) expect(error).toMatchObject({ code: 'login-refused' });
    clock.advance(59_999);
    expect(await rejectionOf(holder.use(ask, { signal }))).toMatchObject({ code: 'login-refused' });
    expect(vcenter.stats.calls['Login']).toBe(1);
    vcenter.misbehave(undefined);
    clock.advance(1);
    await holder.use(ask, { signal });
    expect(vcenter.stats.calls['Login']).toBe(2);
  });

  it('gives a login up that hangs for half a minute, and says what hung', async () => {
    await using vcenter = await startTarget();
    const clock = createManualClock();
    const hanging = ({ signal }: { signal: AbortSignal }) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    await using holder = hold(vcenter, { clock, open: hanging });
    const waiting = rejectionOf(holder.use(ask, { signal }));
    clock.advance(29_999);
    await eventually(() => clock.nextInMs() === 1);
    clock.advance(1);
    expect((await waiting).message).toContain('the login');
  });

  it('does not let one who gives up end the login for the others', async () => {
    await using vcenter = await startTarget();
    await using holder = hold(vcenter);
    vcenter.misbehave({ kind: 'slow', ms: 100, operation: 'Login' });
    const impatient = new AbortController();
    const gaveUp = rejectionOf(holder.use(ask, impatient));
    const patient = holder.use(ask, { signal });
    await eventually(() => vcenter.stats.calls['Login'] === 1);
    impatient.abort(new Error('no time'));
    expect((await gaveUp).message).toBe('no time');
    expect(await patient).toMatch(/^cst-/);
    expect(vcenter.stats.logins).toBe(1);
  });

  it('opens another session after its keep-alive found it ended, without the work failing first', async () => {
    await using vcenter = await startTarget();
    const clock = createManualClock();
    await using holder = hold(vcenter, { clock, keepAliveMs: 1_000 });
    await holder.use(ask, { signal });
    clock.advance(1_000);
    await eventually(() => clock.nextInMs() === 1_000);
    vcenter.misbehave({ kind: 'expire-sessions' });
    clock.advance(1_000);
    await eventually(() => vcenter.stats.calls['Logout'] === 1);
    let runs = 0;
    await holder.use(async () => (runs += 1), { signal });
    expect([runs, vcenter.stats.logins, vcenter.sessions()]).toEqual([1, 2, 1]);
  });

  it('logs out of a session whose login ends while it is disposed, and lends no more', async () => {
    await using vcenter = await startTarget();
    const holder = hold(vcenter);
    vcenter.misbehave({ kind: 'slow', ms: 100, operation: 'Login' });
    const work = rejectionOf(holder.use(ask, { signal }));
    await eventually(() => vcenter.stats.calls['Login'] === 1);
    await holder[Symbol.asyncDispose]();
    await work;
    expect([vcenter.stats.logins, vcenter.sessions()]).toEqual([1, 0]);
    expect(await rejectionOf(holder.use(ask, { signal }))).toMatchObject({ name: 'AbortError' });
    expect(vcenter.stats.logins).toBe(1);
  });
});
