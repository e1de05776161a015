import pLimit from 'p-limit';
import { describe, expect, it } from 'vitest';
import type { SendOptions } from '../../../lib/logins/trial/waves.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { DeadlineError } from '../../../lib/platform/errors.ts';
import { InvokeError } from '../../../lib/platform/invoke.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { startTimeline } from '../../../lib/platform/timeline.ts';
import type { BatchHost } from '../../../lib/sweep/batch.ts';
import {
  type BatchOrder,
  createDispatcher,
  type DispatchDeps,
} from '../../../lib/sweep/dispatch/dispatch.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { answerWell, asking, batchHost } from './builders.ts';

const running = () => new AbortController();
const order = (changes: Partial<BatchOrder> = {}): BatchOrder => ({
  runId: 'run',
  sweep: 'services',
  target: 'vc01',
  endsAt: systemClock.now() + 60_000,
  timeline: startTimeline(systemClock),
  credential: undefined,
  probes: ['services'],
  ...changes,
});
/** A worker that answers well, and what it was asked. */
function startWorker(changes: Partial<DispatchDeps> = {}) {
  const asked: unknown[] = [];
  const deps: DispatchDeps = {
    clock: systemClock,
    random: () => 0,
    log: silentLog,
    batches: pLimit(4),
    async invoke(_name, payload) {
      asked.push(asking(payload).hosts.map(({ moref }) => moref));
      return answerWell(payload);
    },
    ...changes,
  };
  return { deps, asked };
}

const sendAll = (
  slices: readonly (readonly BatchHost[])[],
  given: BatchOrder,
  deps: DispatchDeps,
  options: { signal: AbortSignal },
) => {
  const { send } = createDispatcher(given, deps, options);
  return Promise.all(slices.flatMap((slice) => send(slice)));
};

describe('createDispatcher', () => {
  it('slices what it is given, into small batches where care is to be taken', async () => {
    const { deps } = startWorker();
    const hosts = Array.from({ length: 20 }, (_, n) => batchHost(n));
    const sizesOf = async (maxHosts: number, how?: SendOptions) => {
      const { send } = createDispatcher(order({ maxHosts }), deps, running());
      return (await Promise.all(send(hosts, how))).map((one) => one.hosts.length);
    };
    const careful = { care: 'slice' } as const;
    expect(await sizesOf(11)).toEqual([10, 10]);
    expect(await sizesOf(11, careful)).toEqual([6, 7, 7]);
    expect(await sizesOf(4, careful)).toEqual([4, 4, 4, 4, 4]);
  });

  it('says at debug what each batch took', async () => {
    const lines: unknown[] = [];
    const log = { ...silentLog, debug: (text: string, fields?: object) => void lines.push([text, fields]) };
    const { deps } = startWorker({ log });
    await sendAll([[batchHost(1)]], order(), deps, running());
    const told = {
      target: 'vc01',
      batch: 0,
      hosts: 1,
      durationMs: 0,
    };
    expect(lines).toEqual([['a batch has ended', expect.objectContaining(told)]]);
  });

  it('hands no worker a host that is left alone, and a batch of such hosts to nobody', async () => {
    const { deps, asked } = startWorker();
    const off = batchHost(2, { ssh: { skip: 'lockdown' } });
    const { send } = createDispatcher(order({ maxHosts: 1 }), deps, running());
    const sent = await Promise.all(send([off, batchHost(1), off, batchHost(3)]));
    expect(asked).toEqual([['host-1'], ['host-3']]);
    expect(sent.map(({ hosts, started }) => [hosts.length, started])).toEqual([
      [1, true],
      [1, true],
      [2, false],
    ]);
    expect(sent.at(-1)).toMatchObject({ result: { status: 'fulfilled', value: { outcomes: [] } } });
  });

  it('answers at once for hosts that nobody asks, also while every place is taken', async () => {
    const batches = pLimit(1);
    const place = Promise.withResolvers<void>();
    const taken = batches(() => place.promise);
    const { deps, asked } = startWorker({ batches });
    const off = batchHost(2, { ssh: { skip: 'lockdown' } });
    const { send } = createDispatcher(order(), deps, running());
    const [waiting, alone] = send([batchHost(1), off], { care: 'slice' });
    expect(await alone).toMatchObject({
      hosts: [off],
      care: 'slice',
      started: false,
      result: { status: 'fulfilled', value: { target: 'vc01', outcomes: [] } },
    });
    expect(asked).toEqual([]);
    place.resolve();
    await Promise.all([taken, waiting]);
    expect(asked).toEqual([['host-1']]);
  });

  it('gives the place of a worker that never answers to the next run', async () => {
    const invoked = Promise.withResolvers<void>();
    const never = () => {
      invoked.resolve();
      return Promise.withResolvers<Uint8Array>().promise;
    };
    const { deps } = startWorker({ batches: pLimit(1) });
    const run = running();
    const lost = sendAll([[batchHost(1)]], order(), { ...deps, invoke: never }, run);
    await invoked.promise;
    run.abort(new DeadlineError('the run'));
    expect(await lost).toMatchObject([
      { result: { status: 'rejected', reason: new DeadlineError('the run') } },
    ]);
    const next = await sendAll([[batchHost(1)]], order(), deps, running());
    expect(next).toMatchObject([{ result: { status: 'fulfilled' } }]);
  });

  it('waits for the logins of a worker when the run is told to stop, and for none that does not end', async () => {
    const clock = createManualClock();
    const answer = Promise.withResolvers<void>();
    const invoked = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { deps } = startWorker({ clock });
    const invoke: DispatchDeps['invoke'] = async (name, payload, options) => {
      const { batch } = asking(payload);
      invoked[batch]?.resolve();
      await (batch === 0 ? answer.promise : Promise.withResolvers<never>().promise);
      return deps.invoke(name, payload, options);
    };
    const run = running();
    const sent = sendAll([[batchHost(1)], [batchHost(2)]], order(), { ...deps, invoke }, run);
    await Promise.all(invoked.map(({ promise }) => promise));
    run.abort(new Error('stopped'));
    clock.advance(9_999);
    answer.resolve();
    await new Promise<void>((resolve) => setImmediate(resolve));
    clock.advance(1);
    expect(await sent).toMatchObject([
      { result: { status: 'fulfilled' } },
      { started: true, result: { status: 'rejected', reason: new Error('stopped') } },
    ]);
  });

  it('counts batches over a run, and sends the hosts as the record of a batch lets them go', async () => {
    const { deps, asked } = startWorker({
      record: {
        begin: async ({ batch, hosts }) =>
          batch === 1 ? hosts.map((host) => ({ ...host, ssh: { skip: 'state', why: 'no table' } })) : hosts,
      },
    });
    const dispatcher = createDispatcher(order(), deps, running());
    const sent = [];
    for (const number of [1, 2, 3]) sent.push(...(await Promise.all(dispatcher.send([batchHost(number)]))));
    expect(sent.map(({ batch, hosts }) => [batch, hosts.map(({ ssh }) => ssh)])).toEqual([
      [0, ['try']],
      [1, [{ skip: 'state', why: 'no table' }]],
      [2, ['try']],
    ]);
    expect(asked).toEqual([['host-1'], ['host-3']]);
  });

  it('numbers its batches from the one that it is told', async () => {
    const numbers: number[] = [];
    const { deps } = startWorker();
    const invoke: DispatchDeps['invoke'] = async (name, payload, options) => {
      numbers.push(asking(payload).batch);
      return deps.invoke(name, payload, options);
    };
    const slices = [[batchHost(1)], [batchHost(2)]];
    await sendAll(slices, order({ firstBatch: 100_000 }), { ...deps, invoke }, running());
    expect(numbers).toEqual([100_000, 100_001]);
  });

  it('calls a batch started whenever a worker may have begun with it', async () => {
    const startedAfter = async (error: Error) => {
      const { deps } = startWorker({ invoke: () => Promise.reject(error) });
      return (await Promise.all(createDispatcher(order(), deps, running()).send([batchHost(1)])))[0]?.started;
    };
    const invokeError = (code: InvokeError['code']) => new InvokeError('it failed', { code });
    expect(await startedAfter(invokeError('throttled'))).toBe(false);
    expect(await startedAfter(invokeError('refused'))).toBe(false);
    expect(await startedAfter(invokeError('unreachable'))).toBe(false);
    expect(await startedAfter(invokeError('not-ready'))).toBe(false);
    expect(await startedAfter(invokeError('lost'))).toBe(true);
    expect(await startedAfter(invokeError('function-error'))).toBe(true);
    expect(await startedAfter(new Error('crashed'))).toBe(true);
  });

  it('calls a worker again that was throttled, with the same request, and counts the batch as started then', async () => {
    let calls = 0;
    const requests = new Set<Uint8Array>();
    const { deps } = startWorker();
    const invoke: DispatchDeps['invoke'] = async (name, payload, options) => {
      calls += 1;
      requests.add(payload);
      if (calls < 3) throw throttled();
      return deps.invoke(name, payload, options);
    };
    const clock = { ...systemClock, sleep: async () => undefined };
    const [sent] = await Promise.all(
      createDispatcher(order(), { ...deps, clock, invoke }, running()).send([batchHost(1)]),
    );
    expect(sent).toMatchObject({ started: true, result: { status: 'fulfilled' } });
    expect([calls, requests.size]).toEqual([3, 1]);
  });

  it('says of a batch that was throttled to the end that it never started, and why', async () => {
    const run = running();
    const { deps } = startWorker({ invoke: () => Promise.reject(throttled()) });
    const clock = {
      ...systemClock,
      sleep: () => {
        run.abort(new DeadlineError('the run'));
        return Promise.withResolvers<void>().promise;
      },
    };
    const [sent] = await Promise.all(createDispatcher(order(), { ...deps, clock }, run).send([batchHost(1)]));
    expect(sent).toMatchObject({ started: false, result: { status: 'rejected', reason: throttled() } });
  });
});

const throttled = () => new InvokeError('busy', { code: 'throttled', retryable: true });
