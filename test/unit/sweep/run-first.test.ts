import { describe, expect, it } from 'vitest';
import { maxPollMs, patienceOf, planRunTimes } from '../../../lib/config/run-times.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { createState } from '../../../lib/state/state.ts';
import type { RunStore } from '../../../lib/state/stores/runs.ts';
import { unlessRunWaits } from '../../../lib/sweep/run/run-first.ts';
import { idOfTry, takeLease } from '../../../lib/sweep/run/run-lease.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';
import { batchHost, T0 } from './builders.ts';

const running = { signal: new AbortController().signal };
const SECOND = 1_000;
const PAIR = { sweep: 'services', target: 'vc01' };

/** A sweep, and the processes that poll its hosts, on one table. */
function start(everyMs: number) {
  const clock = createManualClock(T0);
  const { runs } = createState({ table: createMemoryTable(), clock });
  const holdMs = maxPollMs(everyMs);
  const take = (holder: string, store: RunStore = runs) => {
    const { start: startedAt, listEnd, leaseEnd } = planRunTimes({ start: clock.now(), everyMs });
    const isTry = holder.startsWith(idOfTry(''));
    const run = { ...PAIR, holder, everyMs, endsAt: isTry ? clock.now() + holdMs : leaseEnd };
    const patienceMs = patienceOf(listEnd - startedAt);
    return takeLease({ ...run, patienceMs }, { runs: store, clock, log: silentLog }, running);
  };
  /** One poll after the other, of a host that hangs, without a pause between them. */
  const pollOn = async (name: string, isOver: () => boolean, store: RunStore = runs) => {
    for (let poll = 0; !isOver(); poll += 1) {
      const lease = await take(idOfTry(`${name}-${poll}`), store);
      await clock.sleep(lease === undefined ? 250 : holdMs, running);
      await lease?.release();
    }
  };
  const until = async <T>(work: Promise<T>): Promise<T> => {
    let isOver = false;
    const ended = work.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      clock.advance(250);
      for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
    }
    return await ended;
  };
  /** Runs of the sweep, each at its time: how many had no lease. */
  const runOn = async (count: number) => {
    let skipped = 0;
    for (let run = 0; run < count; run += 1) {
      const began = clock.now();
      const lease = await take(`run-${run}`);
      if (lease === undefined) skipped += 1;
      await clock.sleep(everyMs / 3, running);
      await lease?.release();
      await clock.sleep(Math.max(0, began + everyMs - clock.now()), running);
    }
    return skipped;
  };
  return { clock, runs, take, pollOn, until, runOn, holdMs };
}

describe('a run whose hosts are polled all the time', () => {
  it.each([45, 60, 300])('has its lease each time, of a sweep every %i s', async (seconds) => {
    const { pollOn, until, runOn } = start(seconds * SECOND);
    let isOver = false;
    const polls = ['a', 'b', 'c'].map((name) => pollOn(name, () => isOver));
    expect(await until(runOn(6))).toBe(0);
    isOver = true;
    await until(Promise.all(polls));
  });

  it('has it, too, where a process is paused for 20 s behind any of its accesses to the table', async () => {
    const world = start(60 * SECOND);
    const { clock, runs, pollOn, until, runOn } = world;
    let isOver = false;
    let calls = 0;
    const pausing = async <T>(call: Promise<T>): Promise<T> => {
      const answer = await call;
      calls += 1;
      if (calls % 3 === 0) await clock.sleep(20 * SECOND, running);
      return answer;
    };
    const store: RunStore = {
      ...runs,
      acquireLease: (...given) => pausing(runs.acquireLease(...given)),
      readLease: (...given) => pausing(runs.readLease(...given)),
      releaseLease: (...given) => pausing(runs.releaseLease(...given)),
    };
    const polls = [pollOn('paused', () => isOver, store), pollOn('other', () => isOver)];
    expect(await until(runOn(6))).toBe(0);
    isOver = true;
    await until(Promise.all(polls));
  });

  it('is before a poll that took the lease while it was not yet on record', async () => {
    const { take, runs, until, clock } = start(60 * SECOND);
    const first = await take(idOfTry('a'));
    const run = take('run-1');
    const late: RunStore = {
      ...runs,
      // It looked before the run was on record, and comes to the lease when it is free.
      readLease: async (...given) => (clock.now() < T0 + 3 * SECOND ? undefined : runs.readLease(...given)),
      acquireLease: async (...given) => {
        await clock.sleep(T0 + 3 * SECOND - clock.now(), running);
        await first?.release();
        return await runs.acquireLease(...given);
      },
    };
    const poll = take(idOfTry('b'), late);
    expect(await until(poll)).toBeUndefined();
    expect(await until(run)).toBeDefined();
  });
});

describe('a poll that has the lease of a sweep', () => {
  const hosts = [batchHost(1), batchHost(2, { ssh: { skip: 'worker' } })];
  const begin = (world: ReturnType<typeof start>) =>
    unlessRunWaits(PAIR, undefined, world).begin({ batch: 0, hosts }, running);

  it('begins no login while a run waits for it, and the run goes first', async () => {
    const world = start(60 * SECOND);
    const { take, until, clock } = world;
    const lease = await take(idOfTry('a'));
    expect(await begin(world)).toEqual(hosts);
    const run = take('run-1');
    await until(clock.sleep(2 * SECOND, running));
    expect(await begin(world)).toEqual([
      { ...hosts[0], ssh: { skip: 'other-process', why: expect.stringContaining('a run of the sweep') } },
      hosts[1],
    ]);
    await lease?.release();
    expect(await until(run)).toBeDefined();
    expect(await begin(world)).toEqual(hosts);
  });

  it('goes on when the run that waited is over, or is dead', async () => {
    const world = start(60 * SECOND);
    const { take, until, clock, runs } = world;
    await take(idOfTry('a'));
    const dying: RunStore = { ...runs, releaseLease: () => Promise.reject(new Error('dead')) };
    expect(await until(take('run-1', dying))).toBeDefined();
    await runs.releaseLease('services', 'vc01', 'run-1', running);
    expect(await take(idOfTry('b'))).toBeUndefined();
    clock.advance(60 * SECOND);
    expect(await take(idOfTry('b'))).toBeDefined();
  });
});
