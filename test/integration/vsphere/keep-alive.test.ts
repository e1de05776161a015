import { describe, expect, it } from 'vitest';
import { createLineLog } from '../../../lib/platform/log.ts';
import { startKeepAlive } from '../../../lib/vsphere/session/keep-alive.ts';
import { login } from '../../../lib/vsphere/session/session.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { DEPS, endpointOf, eventually, PROOF, startTarget, testSignal } from './demo-target.ts';

const signal = testSignal();
const MINUTE = 60_000;

/** hostd's time-out where it is hardened. */
async function startIdle() {
  const clock = createManualClock();
  const vcenter = await startTarget({
    clock: { ...clock, now: () => clock.now() },
    idleTimeoutMs: 30 * MINUTE,
  });
  const session = await login(endpointOf(vcenter), PROOF, { ...DEPS, clock }, { signal });
  /** Nothing is under way: the next touch is due in five minutes. */
  const isIdle = () => clock.nextInMs() === 5 * MINUTE;
  const touches = () => vcenter.stats.calls['CurrentTime'] ?? 0;
  return { clock, vcenter, session, touches, isIdle };
}

function logged() {
  const lines: string[] = [];
  return { lines, log: createLineLog({ write: (line) => lines.push(line), level: 'debug' }) };
}

describe('startKeepAlive', () => {
  it('touches an idle session before its time-out, hour after hour', async () => {
    const { clock, vcenter, session, touches, isIdle } = await startIdle();
    await using _ = vcenter;
    using __ = startKeepAlive(session, { ...DEPS, clock });
    for (let touched = 1; touched <= 24; touched += 1) {
      await eventually(isIdle);
      clock.advance(5 * MINUTE);
      await eventually(() => touches() === touched);
    }
    expect(await session.acquireCloneTicket({ signal })).toMatch(/^cst-/);
  });

  it('asks what every server has, and keeps no process alive', async () => {
    const { clock, vcenter, session } = await startIdle();
    await using _ = vcenter;
    const asked: string[] = [];
    const slept: unknown[] = [];
    const transport: typeof session.transport = (call, options) => {
      asked.push(call.body);
      return session.transport(call, options);
    };
    const sleep: typeof clock.sleep = (ms, options) => {
      slept.push(options.background);
      return clock.sleep(ms, options);
    };
    const { endpoint } = session;
    const measurements = () => session.measurements();
    using __ = startKeepAlive({ endpoint, transport, measurements }, { ...DEPS, clock: { ...clock, sleep } });
    clock.advance(5 * MINUTE);
    await eventually(() => asked.length === 1);
    expect(asked[0]).toContain('<_this type="ServiceInstance">ServiceInstance</_this>');
    expect(slept[0]).toBe(true);
  });

  it('does not touch a session that is used', async () => {
    const { clock, vcenter, session, touches, isIdle } = await startIdle();
    await using _ = vcenter;
    using __ = startKeepAlive(session, { ...DEPS, clock });
    for (let used = 0; used < 3; used += 1) {
      await session.acquireCloneTicket({ signal });
      clock.advance(5 * MINUTE);
      await eventually(isIdle);
    }
    expect(touches()).toBe(0);
  });

  it('stops when it is disposed, and when the session has ended, without a login', async () => {
    const { clock, vcenter, session, touches } = await startIdle();
    await using _ = vcenter;
    startKeepAlive(session, { ...DEPS, clock })[Symbol.dispose]();
    await eventually(() => clock.sleepers() === 0);
    let ended = 0;
    startKeepAlive(session, { ...DEPS, clock, onEnded: () => (ended += 1) });
    clock.advance(31 * MINUTE);
    await eventually(() => ended === 1);
    expect(clock.sleepers()).toBe(0);
    expect([touches(), vcenter.stats.logins]).toEqual([1, 1]);
  });

  it('goes on when a touch fails otherwise, and logs it', async () => {
    const { clock, vcenter, session, touches, isIdle } = await startIdle();
    await using _ = vcenter;
    const { lines, log } = logged();
    using __ = startKeepAlive(session, { log, clock });
    vcenter.misbehave({ kind: 'html', operation: 'CurrentTime' });
    clock.advance(5 * MINUTE);
    await eventually(() => touches() === 1 && isIdle());
    expect(lines).toEqual([
      expect.stringMatching(/^debug keep-alive of a session failed target="vc01" error=".*HTTP 503/),
    ]);
    vcenter.misbehave(undefined);
    clock.advance(5 * MINUTE);
    await eventually(() => touches() === 2);
  });

  it('logs nothing of a touch that its disposal cut off', async () => {
    const { clock, vcenter, session, touches } = await startIdle();
    await using _ = vcenter;
    const { lines, log } = logged();
    const keepAlive = startKeepAlive(session, { log, clock });
    vcenter.misbehave({ kind: 'hang', operation: 'CurrentTime' });
    clock.advance(5 * MINUTE);
    await eventually(() => touches() === 1);
    keepAlive[Symbol.dispose]();
    await eventually(() => clock.sleepers() === 0);
    expect(lines).toEqual([]);
  });
});
