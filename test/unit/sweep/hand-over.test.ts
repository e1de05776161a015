import { describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../lib/platform/clock.ts';
import { InvokeError } from '../../../lib/platform/invoke.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { startTimeline } from '../../../lib/platform/timeline.ts';
import { type Attempt, createHandOver, type HandOverDeps } from '../../../lib/sweep/dispatch/hand-over.ts';
import { createOwnBatches } from '../../../lib/sweep/dispatch/own-batches.ts';

const never = { signal: new AbortController().signal };
const payload = Buffer.from('a request');
const refusal = (code: InvokeError['code']) =>
  new InvokeError('W was not started: no.', { code, retryable: code !== 'refused' });

/** A run that has a minute, workers that do as told, and an account of what happened when. */
function startRun({
  invoke,
  room = 1,
  leftMs = 40_000,
  ownBatches,
  first,
  split,
}: {
  invoke: (call: number) => InvokeError | 'answers' | Promise<'answers'>;
  room?: number;
  leftMs?: number;
  ownBatches?: 'none';
  /** What the first batch here comes to. */
  first?: Promise<Uint8Array>;
  split?: 'sweep' | 'target';
}) {
  let now = 0;
  let calls = 0;
  const here: number[] = [];
  const problems: string[] = [];
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    async sleep(ms, { signal }) {
      now += ms;
      signal.throwIfAborted();
    },
  };
  const busy = Promise.withResolvers<Uint8Array>();
  const own = createOwnBatches(
    async () => {
      here.push(now);
      if (first !== undefined && here.length === 1) return await first;
      return here.length > room ? await busy.promise : Buffer.from('from here');
    },
    { atOnce: 1, belowHosts: 100 },
  );
  const deps: HandOverDeps = {
    clock,
    random: () => 0.5,
    log: silentLog,
    async invoke() {
      calls += 1;
      const what = await invoke(calls);
      if (what !== 'answers') throw what;
      return Buffer.from('from a worker');
    },
    ownBatches: ownBatches === 'none' ? undefined : own,
    ...(split === undefined ? {} : { config: { aws: { split } } }),
  };
  const handOver = createHandOver(
    { target: 'vc01', timeline: startTimeline(clock), endsAt: leftMs },
    deps,
    never,
  );
  const send = async (how = { own: false }) => {
    const attempt: Attempt = { started: false, problems };
    const answer = await handOver(payload, attempt, how).catch((error: unknown) => String(error));
    return { answer: answer.toString(), started: attempt.started };
  };
  return { send, here, problems, calls: () => calls, now: () => now, own };
}

describe('createHandOver', () => {
  it.each(['throttled', 'not-ready', 'unreachable'] as const)(
    'collects a batch here when no worker was started for five seconds: %s',
    async (code) => {
      const run = startRun({ invoke: () => refusal(code) });
      expect(await run.send()).toEqual({ answer: 'from here', started: true });
      expect(run.now()).toBeGreaterThanOrEqual(5_000);
      expect(run.now()).toBeLessThanOrEqual(7_000);
      expect(run.problems).toEqual([
        expect.stringMatching(/^no worker started in time; .*W was not started: no\./),
      ]);
    },
  );

  it('waits for a quarter of the time where there is little', async () => {
    const run = startRun({ invoke: () => refusal('throttled'), leftMs: 4_000 });
    await run.send();
    expect(run.now()).toBeGreaterThanOrEqual(1_000);
    expect(run.now()).toBeLessThan(2_000);
  });

  it('counts the five seconds over all batches, and anew once a worker was started', async () => {
    const run = startRun({ invoke: (call) => (call === 6 ? 'answers' : refusal('throttled')), room: 9 });
    expect((await run.send()).answer).toBe('from a worker');
    const first = run.now();
    expect((await run.send()).answer).toBe('from here');
    expect(run.now() - first).toBeGreaterThanOrEqual(5_000);
    const second = run.now();
    expect((await run.send()).answer).toBe('from here');
    expect(run.now()).toBe(second);
    expect(run.problems).toHaveLength(1);
  });

  it('waits for the end of a worker that is under way for longer than five seconds, and tells nobody', async () => {
    const slow = Promise.withResolvers<'answers'>();
    const run = startRun({
      invoke: (call) => {
        if (call === 1) return slow.promise;
        if (run.now() < 7_800) return refusal('throttled');
        slow.resolve('answers');
        return 'answers';
      },
      room: 9,
    });
    const first = run.send();
    expect((await run.send()).answer).toBe('from a worker');
    expect((await first).answer).toBe('from a worker');
    expect([run.here, run.problems]).toEqual([[], []]);
  });

  it('waits for a worker that hangs for a quarter of the time, and collects the others then', async () => {
    const hangs = Promise.withResolvers<'answers'>();
    const run = startRun({
      invoke: (call) => (call === 1 ? hangs.promise : refusal('throttled')),
      room: 9,
    });
    void run.send();
    expect((await run.send()).answer).toBe('from here');
    expect(run.now()).toBeGreaterThanOrEqual(10_000);
    expect(run.now()).toBeLessThanOrEqual(12_000);
    expect(run.problems).toHaveLength(1);
  });

  it.each([
    [
      'throttled',
      'target',
      'Raise the quota of concurrent executions (Service Quotas, AWS Lambda), or write aws: { split: sweep }',
    ],
    ['throttled', 'sweep', 'or set aws.maxConcurrentBatches below'],
    ['not-ready', 'sweep', 'SubnetIPAddressLimitReached needs larger subnets'],
    ['unreachable', 'sweep', 'its VPC endpoint'],
  ] as const)('has a remedy that is not in force already: %s with split: %s', async (code, split, remedy) => {
    const run = startRun({ invoke: () => refusal(code), split });
    await run.send();
    expect(run.problems).toEqual([expect.stringContaining(remedy)]);
    expect(run.problems[0]?.includes('split: sweep')).toBe(split === 'target');
  });

  it('goes on calling workers while there is no room here', async () => {
    const run = startRun({ invoke: (call) => (call === 12 ? 'answers' : refusal('throttled')) });
    void run.own.collect(payload, { ...never, onStart: () => undefined });
    void run.own.collect(payload, { ...never, onStart: () => undefined });
    expect((await run.send()).answer).toBe('from a worker');
    expect(run.calls()).toBe(12);
  });

  it('connects no more than once for a batch where Lambda stays out of reach', async () => {
    const run = startRun({ invoke: () => refusal('unreachable'), room: 9 });
    await run.send();
    const calls = run.calls();
    expect((await run.send()).answer).toBe('from here');
    expect(run.calls()).toBe(calls);
  });

  it.each(['refused', 'lost', 'function-error'] as const)(
    'never collects here what somebody has to mend, or what may have begun: %s',
    async (code) => {
      const run = startRun({ invoke: () => new InvokeError('W', { code }) });
      expect(await run.send()).toMatchObject({ started: code !== 'refused' });
      expect(run.here).toEqual([]);
    },
  );

  it('collects here at once what is its own, and calls nobody', async () => {
    const run = startRun({ invoke: () => refusal('throttled') });
    expect(await run.send({ own: true })).toEqual({ answer: 'from here', started: true });
    expect([run.calls(), run.now(), run.problems]).toEqual([0, 0, []]);
  });

  it('hands what is its own to a worker at once while there is no room here, as beside a vCenter that hangs', async () => {
    const run = startRun({ invoke: () => 'answers', room: 0 });
    void run.own.collect(payload, { ...never, onStart: () => undefined });
    expect(await run.send({ own: true })).toEqual({ answer: 'from a worker', started: true });
    expect([run.calls(), run.now(), run.problems]).toEqual([1, 0, []]);
  });

  it('collects what is its own as soon as there is room and no worker has it, and tells nobody', async () => {
    const room = Promise.withResolvers<Uint8Array>();
    const run = startRun({
      invoke: (call) => {
        if (call === 2) room.resolve(payload);
        return refusal('throttled');
      },
      room: 9,
      first: room.promise,
    });
    const first = run.own.collect(payload, { ...never, onStart: () => undefined });
    expect((await run.send({ own: true })).answer).toBe('from here');
    expect(run.problems).toEqual([]);
    expect(run.now()).toBeLessThan(5_000);
    await first;
  });

  it('waits on where nothing else collects', async () => {
    const run = startRun({
      invoke: (call) => (call === 20 ? 'answers' : refusal('throttled')),
      ownBatches: 'none',
    });
    expect((await run.send({ own: true })).answer).toBe('from a worker');
  });

  it('calls what never began here not started', async () => {
    const own = createOwnBatches(async () => payload, { atOnce: 1, belowHosts: 9 });
    const deps = { clock: systemClock, random: () => 0, log: silentLog, invoke: async () => payload };
    const attempt: Attempt = { started: false, problems: [] };
    const options = { signal: AbortSignal.abort(new Error('out of time')) };
    const handOver = createHandOver(
      { target: 'vc01', timeline: startTimeline(systemClock), endsAt: 0 },
      { ...deps, ownBatches: own },
      options,
    );
    await expect(handOver(payload, attempt, { own: true })).rejects.toThrow('out of time');
    expect(attempt.started).toBe(false);
  });
});
