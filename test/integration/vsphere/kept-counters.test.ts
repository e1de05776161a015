import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/platform/clock.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import { createKeptCounters } from '../../../lib/vsphere/performance/kept-counters.ts';
import type { RetrievalSession } from '../../../lib/vsphere/property/retrieval.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { cannedSession } from '../../unit/vsphere/canned-session.ts';
import { retrievalAnswer } from '../../unit/vsphere/soap-messages.ts';
import { loginTo, startTarget, testSignal } from './demo-target.ts';

const signal = testSignal();
const HOUR = 3_600_000;

describe('the counters of targets', () => {
  it('are read once a day and target, and again from a vCenter that was updated or replaced', async () => {
    let now = 5;
    const kept = createKeptCounters({ ...systemClock, monotonic: () => now });
    await using vcenter = await startTarget();
    await using session = await loginTo(vcenter);
    const reads = async (target: string, from = session as Parameters<typeof kept.of>[1]) => {
      const before = vcenter.stats.calls['RetrievePropertiesEx'] ?? 0;
      const counters = await kept.of(target, from, { signal });
      expect(counters.byName('cpu.usage.average')?.key).toBe(2_002);
      return (vcenter.stats.calls['RetrievePropertiesEx'] ?? 0) - before;
    };
    expect(await reads('vc-1')).toBe(1);
    now += 24 * HOUR - 1;
    expect(await reads('vc-1')).toBe(0);
    expect(await reads('vc-2')).toBe(1);
    now += 1;
    expect(await reads('vc-1')).toBe(1);
    const { content } = session;
    const about = { ...content.about, fields: new Map([...content.about.fields, ['build', '99']]) };
    const updated = { content: { ...content, about }, transport: session.transport, tidyUp: session.tidyUp };
    expect(await reads('vc-1', updated)).toBe(1);
    expect(await reads('vc-1', updated)).toBe(0);
    const other = { ...about, fields: new Map([...about.fields, ['instanceUuid', 'another']]) };
    expect(await reads('vc-1', { ...updated, content: { ...content, about: other } })).toBe(1);
  });

  it('are read once for batches that ask at the same time', async () => {
    const kept = createKeptCounters(systemClock);
    await using vcenter = await startTarget();
    await using session = await loginTo(vcenter);
    const before = vcenter.stats.calls['RetrievePropertiesEx'] ?? 0;
    const found = await Promise.all([1, 2, 3].map(() => kept.of('vc-1', session, { signal })));
    expect(new Set(found).size).toBe(1);
    expect(vcenter.stats.calls['RetrievePropertiesEx']).toBe(before + 1);
  });

  it('are read again from a vCenter that had none, because it was still starting', async () => {
    const kept = createKeptCounters(systemClock);
    await using vcenter = await startTarget();
    await using session = await loginTo(vcenter);
    const starting = cannedSession(() => [Buffer.from(retrievalAnswer(NO_COUNTERS))], session.content);
    const early = await Promise.all([1, 2].map(() => kept.of('vc-1', starting, { signal })));
    expect(early.map(({ all }) => all.length)).toEqual([0, 0]);
    const later = await kept.of('vc-1', session, { signal });
    expect(later.byName('cpu.usage.average')?.key).toBe(2_002);
    expect(await kept.of('vc-1', starting, { signal }), 'what is there is kept').toBe(later);
  });

  it('are read by a batch itself where the one that asked first fails, or gets nothing for five seconds', async () => {
    await using vcenter = await startTarget();
    await using session = await loginTo(vcenter);
    const refused = instead(session, () => Promise.reject(new Error('connection lost')));
    const failing = createKeptCounters(systemClock);
    const [first, second] = await Promise.allSettled([
      failing.of('vc-1', refused, { signal }),
      failing.of('vc-1', session, { signal }),
    ]);
    expect(first).toMatchObject({ status: 'rejected', reason: { message: 'connection lost' } });
    expect(second.status).toBe('fulfilled');

    const clock = createManualClock();
    const hanging = createKeptCounters(clock);
    const ended = new AbortController();
    const mute = instead(session, (_call, options) => untilAborted(new Promise(() => {}), options.signal));
    const never = hanging.of('vc-1', mute, { signal: ended.signal });
    const waiting = hanging.of('vc-1', session, { signal });
    expect(clock.nextInMs()).toBe(5_000);
    clock.advance(5_000);
    expect((await waiting).byName('cpu.usage.average')?.key).toBe(2_002);
    ended.abort(new Error('the batch is over'));
    await expect(never).rejects.toThrow('the batch is over');
  });

  it('are not waited for by batches of other targets, or of a vCenter that was replaced', async () => {
    const clock = createManualClock();
    await using vcenter = await startTarget();
    await using session = await loginTo(vcenter);
    const kept = createKeptCounters(clock);
    const ended = new AbortController();
    const mute = instead(session, (_call, options) => untilAborted(new Promise(() => {}), options.signal));
    const never = kept.of('vc-1', mute, { signal: ended.signal });
    expect((await kept.of('vc-2', session, { signal })).all.length).toBeGreaterThan(0);
    const { content } = session;
    const fields = new Map([...content.about.fields, ['instanceUuid', 'another']]);
    const another = { ...session, content: { ...content, about: { ...content.about, fields } } };
    expect((await kept.of('vc-1', another, { signal })).all.length).toBeGreaterThan(0);
    ended.abort(new Error('the batch is over'));
    await expect(never).rejects.toThrow('the batch is over');
  });

  it('are waited for no longer than the batch that waits has time', async () => {
    const clock = createManualClock();
    await using vcenter = await startTarget();
    await using session = await loginTo(vcenter);
    const kept = createKeptCounters(clock);
    const ended = new AbortController();
    const mute = instead(session, (_call, options) => untilAborted(new Promise(() => {}), options.signal));
    const both = [signal, ended.signal].map((one) =>
      kept.of('vc-1', mute, { signal: AbortSignal.any([one, ended.signal]) }),
    );
    ended.abort(new Error('the batch is over'));
    const settled = await Promise.allSettled(both);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(clock.sleepers()).toBe(0);
  });
});

const NO_COUNTERS = '<objects><obj type="PerformanceManager">PerfMgr</obj></objects>';

/** The session of another batch, of which every call ends so. */
const instead = (
  { content, tidyUp }: RetrievalSession,
  transport: RetrievalSession['transport'],
): RetrievalSession => ({ content, tidyUp, transport });
