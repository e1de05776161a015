import pLimit from 'p-limit';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/platform/clock.ts';
import { DeadlineError } from '../../../lib/platform/errors.ts';
import { InvokeError } from '../../../lib/platform/invoke.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { startTimeline } from '../../../lib/platform/timeline.ts';
import { decodeBatchRequest, type ReadRequest } from '../../../lib/sweep/batch.ts';
import { createKeptResults } from '../../../lib/sweep/dispatch/kept-results.ts';
import { type ReadItemsDeps, type ReadOrder, readItems } from '../../../lib/sweep/dispatch/read-items.ts';
import { NoTicketError } from '../../../lib/sweep/errors.ts';
import { failed, ok } from '../../../lib/sweep/outcome.ts';
import type { ItemsToRead } from '../../../lib/sweep/plan/items-to-read.ts';
import { mergeHosts } from '../../../lib/sweep/result/merge-hosts.ts';
import { answerWell, batchHost, batchResult } from './builders.ts';

const running = () => new AbortController();
const hosts = (count: number): ItemsToRead => ({
  kind: 'host',
  items: Array.from({ length: count }, (_, index) => ['HostSystem', `host-${index}`]),
});

/** Reads over workers that answer well, and says what they were asked. */
function startReading(
  changes: Partial<ReadItemsDeps> = {},
  {
    ticket,
    endsAt = systemClock.now() + 60_000,
  }: { ticket?: ReadOrder['session']['acquireCloneTicket']; endsAt?: number } = {},
) {
  const asked: ReadRequest[] = [];
  const done: number[] = [];
  let issued = 0;
  const order: ReadOrder = {
    runId: 'run',
    sweep: 'services',
    target: 'vc01',
    endsAt,
    timeline: startTimeline(systemClock),
    session: { acquireCloneTicket: ticket ?? (async () => `ticket-${++issued}`) },
    own: false,
    kept: createKeptResults(),
    onFinished: (_kind, items) => void done.push(items),
  };
  const deps: ReadItemsDeps = {
    clock: systemClock,
    random: () => 0,
    log: silentLog,
    reads: pLimit(4),
    async invoke(_name, payload) {
      const request = decodeBatchRequest(payload);
      if (request.does === 'read') asked.push(request);
      return answerWell(payload);
    },
    ...changes,
  };
  const read = (wanted: readonly ItemsToRead[], options: { signal: AbortSignal } = running()) =>
    readItems(wanted, order, deps, options);
  return { read, asked, done };
}

describe('readItems', () => {
  it('reads 1,000 hosts in one session, and more in slices of nearly equal size, each by its own ticket', async () => {
    const { read, asked, done } = startReading();
    await read([hosts(1_000)]);
    expect(asked.map(({ items, ticket }) => [items.length, ticket])).toEqual([[1_000, 'ticket-1']]);
    await read([hosts(2_001)]);
    expect(asked.slice(1).map(({ items }) => items.length)).toEqual([667, 667, 667]);
    expect(new Set(asked.map(({ ticket }) => ticket)).size).toBe(4);
    expect(new Set(asked.slice(1).map(({ batch }) => batch)).size).toBe(3);
    expect(done).toEqual([1_000, 667, 667, 667]);
  });

  it('waits for its turns by the name of its target', async () => {
    const targets: string[] = [];
    const reads: ReadItemsDeps['reads'] = async (work, target) => {
      targets.push(target);
      return await work();
    };
    await startReading({ reads }).read([hosts(2_001)]);
    expect(targets).toEqual(['vc01', 'vc01', 'vc01']);
  });

  it('reads each kind apart, and none where there is nothing to read', async () => {
    const { read, asked } = startReading();
    const vms: ItemsToRead = { kind: 'vm', items: [['VirtualMachine', 'vm-1']] };
    const finished = await read([hosts(2), vms]);
    expect(asked.map(({ kind, items }) => [kind, items.length])).toEqual([
      ['host', 2],
      ['vm', 1],
    ]);
    expect(finished.map(({ kind, morefs }) => [kind, morefs])).toEqual([
      ['host', ['host-0', 'host-1']],
      ['vm', ['vm-1']],
    ]);
    expect(await read([])).toEqual([]);
  });

  it('replaces a result that would be too large by those of halves, down to one item', async () => {
    const sizes: number[] = [];
    const { read, done } = startReading({
      async invoke(_name, payload) {
        const request = decodeBatchRequest(payload);
        const items = request.does === 'read' ? request.items : [];
        sizes.push(items.length);
        const isTooLarge = items.length > 2 || items.some(([, moref]) => moref === 'host-4');
        return answerWell(payload, { tooLarge: isTooLarge });
      },
    });
    const finished = await read([hosts(5)]);
    expect(sizes[0]).toBe(5);
    expect(finished.flatMap(({ morefs }) => morefs).toSorted()).toEqual([
      'host-0',
      'host-1',
      'host-2',
      'host-3',
      'host-4',
    ]);
    expect(finished.map(({ morefs }) => morefs.length).toSorted()).toEqual([1, 1, 1, 2]);
    expect(done.reduce((sum, one) => sum + one, 0)).toBe(5);
  });

  it('says of the halves what their slice met: that no worker started in time, and the sweep collected', async () => {
    const busy = new InvokeError('busy', { code: 'throttled', retryable: true });
    const own: ReadItemsDeps['ownBatches'] = {
      belowHosts: 0,
      atOnce: 8,
      settled: async () => undefined,
      hasRoom: () => true,
      async collect(payload, { onStart }) {
        onStart();
        const request = decodeBatchRequest(payload);
        return answerWell(payload, { tooLarge: request.does === 'read' && request.items.length > 1 });
      },
    };
    let monotonic = 0;
    const clock = { ...systemClock, monotonic: () => (monotonic += 20_000), sleep: async () => undefined };
    const { read } = startReading({ clock, ownBatches: own, invoke: () => Promise.reject(busy) });
    const finished = await read([hosts(2)]);
    expect(finished.map(({ morefs }) => morefs)).toEqual([['host-0'], ['host-1']]);
    for (const { problems } of finished)
      expect(problems?.join()).toMatch(
        /no worker started in time; the sweep function collected batches itself/,
      );
  });

  it.each<[string, [string, string]]>([
    ['value is too long', ['HostSystem', 'h'.repeat(257)]],
    ['value is empty', ['HostSystem', '']],
    ['type is too long', ['T'.repeat(65), 'host-9']],
  ])('asks for no item whose %s: it is unreadable alone, and every item has an outcome', async (_, item) => {
    const { read, asked, done } = startReading();
    const finished = await read([{ kind: 'host', items: [...hosts(2).items, item] }]);
    expect(asked.map(({ items }) => items.length)).toEqual([2]);
    expect(done.reduce((sum, one) => sum + one, 0)).toBe(3);
    expect(finished).toMatchObject([
      { morefs: ['host-0', 'host-1'], result: { status: 'fulfilled' } },
      { morefs: [item[1]], result: { value: { outcomes: [[item[1], failed('unreadable')]] } } },
    ]);
    const context = { overSsh: false, unread: 'failed' } as const;
    const listed = [...hosts(2).items, item].map(([, moref], index) => batchHost(index, { moref }));
    const batch = { hosts: listed, result: { status: 'fulfilled', value: batchResult() } } as const;
    const outcomes = mergeHosts({ asked: [batch], read: finished }, context).map(
      (one) => one.outcomes.vcenter,
    );
    expect(outcomes).toEqual([ok, ok, failed('unreadable')]);
  });

  it('takes no ticket where no item can be asked for', async () => {
    const { read, asked } = startReading({}, { ticket: () => Promise.reject(new Error('not asked')) });
    const finished = await read([{ kind: 'vm', items: [['VirtualMachine', '']] }]);
    expect(asked).toEqual([]);
    expect(finished).toMatchObject([{ morefs: [''], result: { status: 'fulfilled' } }]);
  });

  it('loses the slice that gets no ticket, says why once, and calls no worker for it', async () => {
    const ticket = () => Promise.reject(new Error('no more sessions'));
    const { read, asked } = startReading({}, { ticket });
    const [lost] = await read([hosts(3)]);
    expect(lost).toMatchObject({ morefs: { length: 3 }, result: { status: 'rejected' } });
    expect(lost?.result.status === 'rejected' && lost.result.reason).toBeInstanceOf(NoTicketError);
    expect(asked).toEqual([]);
    expect(lost?.problems).toEqual([
      'vCenter gave no clone ticket for the sessions of the workers: no more sessions',
    ]);
  });

  it('waits for no ticket until the time is over', async () => {
    const endsAt = systemClock.now() + 8_000;
    const ticket: ReadOrder['session']['acquireCloneTicket'] = ({ signal }) => {
      const { promise, reject } = Promise.withResolvers<string>();
      signal.addEventListener('abort', () => reject(signal.reason));
      return promise;
    };
    const { read, asked } = startReading({}, { ticket, endsAt });
    await read([hosts(1)]);
    expect(asked).toEqual([]);
    expect(systemClock.now()).toBeLessThan(endsAt);
  });

  it('waits once for a ticket that does not come, not slice after slice: others need the place', async () => {
    let waits = 0;
    const ticket: ReadOrder['session']['acquireCloneTicket'] = ({ signal }) => {
      waits += 1;
      const { promise, reject } = Promise.withResolvers<string>();
      signal.addEventListener('abort', () => reject(signal.reason));
      return promise;
    };
    const endsAt = systemClock.now() + 4_000;
    const { read, asked } = startReading({ reads: pLimit(1), maxBatchesPerTarget: 1 }, { ticket, endsAt });
    const lost = await read([hosts(5_000)]);
    expect(lost.map(({ result }) => result.status === 'rejected' && result.reason)).toEqual(
      Array(5).fill(expect.any(NoTicketError)),
    );
    expect([waits, asked.length]).toEqual([1, 0]);
  });

  it('asks for the next ticket when one was refused: that held no place', async () => {
    let refused = 0;
    const ticket = () => {
      refused += 1;
      return Promise.reject(new Error('no more sessions'));
    };
    const { read } = startReading({}, { ticket });
    await read([hosts(3_000)]);
    expect(refused).toBe(3);
  });

  it('loses what is not back when the time is over, and gives its place to the next run', async () => {
    const invoked = Promise.withResolvers<void>();
    const reads = pLimit(1);
    const never = () => {
      invoked.resolve();
      return Promise.withResolvers<Uint8Array>().promise;
    };
    const run = running();
    const reading = startReading({ reads, invoke: never }).read([hosts(1)], run);
    await invoked.promise;
    run.abort(new DeadlineError('the run'));
    expect(await reading).toMatchObject([
      { morefs: ['host-0'], result: { status: 'rejected', reason: new DeadlineError('the run') } },
    ]);
    expect(await startReading({ reads }).read([hosts(1)])).toMatchObject([
      { result: { status: 'fulfilled' } },
    ]);
  });

  it('says of a slice for which no worker ever started why', async () => {
    const run = running();
    const throttled = new InvokeError('busy', { code: 'throttled', retryable: true });
    let isRefused = false;
    const clock = {
      ...systemClock,
      sleep: (...of: Parameters<typeof systemClock.sleep>) => {
        if (!isRefused) return systemClock.sleep(...of);
        run.abort(new DeadlineError('the run'));
        return Promise.withResolvers<void>().promise;
      },
    };
    const { read } = startReading({
      clock,
      invoke: () => {
        isRefused = true;
        return Promise.reject(throttled);
      },
    });
    expect(await read([hosts(1)], run)).toMatchObject([
      { result: { status: 'rejected', reason: throttled } },
    ]);
  });

  it('keeps at most eight sessions on a target', async () => {
    let open = 0;
    let most = 0;
    const { read } = startReading({
      reads: pLimit(100),
      async invoke(_name, payload) {
        open += 1;
        most = Math.max(most, open);
        await new Promise(setImmediate);
        open -= 1;
        return answerWell(payload);
      },
    });
    await read([hosts(12_000)]);
    expect(most).toBe(8);
  });
});
