import { describe, expect, it } from 'vitest';
import type { Log } from '../../../lib/platform/log.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import type { RunStore } from '../../../lib/state/stores/runs.ts';
import { idOfTry, takeLease } from '../../../lib/sweep/run/run-lease.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { T0 } from './builders.ts';

const running = { signal: new AbortController().signal };

/** A lease whose confirmation the table answers so; what it was asked to end at, and what was logged. */
async function take(confirm: (signal: AbortSignal) => Promise<boolean>) {
  const clock = createManualClock(T0);
  const ends: (number | undefined)[] = [];
  const warnings: string[] = [];
  const log: Log = { ...silentLog, warn: (message) => void warnings.push(message) };
  const runs: Pick<RunStore, 'acquireLease' | 'confirmLease' | 'releaseLease'> = {
    acquireLease: async () => 'acquired',
    confirmLease: async (_sweep, _target, _holder, { endsAt, signal }) => {
      ends.push(endsAt);
      return confirm(signal);
    },
    releaseLease: async () => undefined,
  };
  const run = { sweep: 'services', target: 'vc01', holder: 'run-1', endsAt: T0 + 1_000, everyMs: 60_000 };
  const lease = await takeLease(run, { runs: runs as RunStore, clock, log }, running);
  if (lease === undefined) throw new Error('the lease was not taken');
  return { lease, clock, ends, warnings };
}

describe('extending the lease of a run', () => {
  it('lets it end later, counted from now, with the time that the writing may take', async () => {
    const { lease, clock, ends } = await take(async () => true);
    clock.advance(30_000);
    expect(await lease.prolong(12_000)).toBe(true);
    expect(ends).toEqual([T0 + 30_000 + 12_000 + 2_000]);
    expect(await lease.isHeld(running)).toBe(true);
  });

  it('fails once another run holds it, and it is held no more then, whatever the table says', async () => {
    let ours = false;
    const { lease, ends, warnings } = await take(async () => ours);
    expect(await lease.prolong(12_000)).toBe(false);
    ours = true;
    expect(await lease.isHeld(running)).toBe(false);
    expect({ asked: ends.length, warnings }).toEqual({
      asked: 1,
      warnings: ['another run began while this process was stalled; this run ends'],
    });
  });

  it('lets the run finish when the table does not answer, within 2 s', async () => {
    const { lease, clock, warnings } = await take((signal) =>
      untilAborted(Promise.withResolvers<boolean>().promise, signal),
    );
    const prolonging = lease.prolong(12_000);
    await new Promise(setImmediate);
    expect(clock.nextInMs()).toBe(2_000);
    clock.advance(2_000);
    expect(await prolonging).toBe(true);
    expect(warnings).toEqual([
      'the lease could not be extended after a stall of this process; the run finishes without it',
    ]);
  });
});

describe('confirming the lease of a run before its push', () => {
  it.each([true, false])('goes by what the table says: %j', async (isOurs) => {
    const { lease, warnings } = await take(async () => isOurs);
    expect(await lease.isHeld(running)).toBe(isOurs);
    expect(warnings).toEqual([]);
  });

  it('pushes where the table cannot be asked, and says so: the samples are true all the same', async () => {
    const { lease, warnings } = await take(() => Promise.reject(new Error('away')));
    expect(await lease.isHeld(running)).toBe(true);
    expect(warnings).toEqual(['the lease could not be confirmed; the result is pushed']);
  });
});

describe('taking the lease of a run', () => {
  const run = { sweep: 'services', target: 'vc01', holder: 'run-2', endsAt: T0 + 1_000, everyMs: 60_000 };
  const takeFrom = async (acquireLease: RunStore['acquireLease']) => {
    const calls: string[] = [];
    const told: unknown[] = [];
    const runs = {
      acquireLease,
      confirmLease: async () => calls.push('confirm') > 0,
      releaseLease: async () => void calls.push('release'),
    };
    const log: Log = {
      ...silentLog,
      info: (message, fields) => void told.push([message, fields]),
      warn: (message, fields) => void told.push([message, fields]),
    };
    const lease = await takeLease(run, { runs: runs as never, clock: createManualClock(T0), log }, running);
    return { lease, calls, told };
  };

  it('ends a run of which another one is under way, and says which', async () => {
    const { lease, told } = await takeFrom(async () => ({ heldBy: 'run-1' }) as never);
    expect(lease).toBeUndefined();
    expect(told).toEqual([
      [
        'skipped: another run of this sweep is under way',
        { sweep: 'services', target: 'vc01', holder: 'run-1' },
      ],
    ]);
  });

  it('is given back at the end', async () => {
    const { lease, calls } = await takeFrom(async () => 'acquired');
    await lease?.release();
    expect(calls).toEqual(['release']);
  });

  it('goes on without one where the table is away, and asks it no more then', async () => {
    const { lease, calls, told } = await takeFrom(() => Promise.reject(new Error('no table')));
    expect(await lease?.isHeld(running)).toBe(true);
    expect(await lease?.prolong(5_000)).toBe(true);
    await lease?.release();
    expect(calls).toEqual([]);
    expect(told).toEqual([
      [
        'the lease could not be taken; the run goes on without it',
        { sweep: 'services', target: 'vc01', error: 'no table' },
      ],
    ]);
  });
});

describe('a run whose sweep is tried on one host', () => {
  /** Who holds the lease; the moment at which it is given back. */
  async function begin(heldBy: string, freeAfterMs: number, holder = 'run-1') {
    const clock = createManualClock(T0);
    const acquireLease: RunStore['acquireLease'] = async () =>
      clock.now() - T0 >= freeAfterMs ? 'acquired' : { heldBy, endsAt: T0 + 60_000 };
    const runs = {
      acquireLease: (async (sweep, ...given) =>
        sweep === 'services' ? acquireLease(sweep, ...given) : 'acquired') satisfies RunStore['acquireLease'],
      confirmLease: async () => true,
      releaseLease: async () => undefined,
      readLease: async () => undefined,
    };
    const run = { sweep: 'services', target: 'vc01', holder, endsAt: T0 + 50_000, everyMs: 60_000 };
    const deps = { runs: runs as unknown as RunStore, clock, log: silentLog };
    let isOver = false;
    const taking = takeLease({ ...run, patienceMs: 10_000 }, deps, running).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await new Promise(setImmediate);
      clock.advance(500);
    }
    return { lease: await taking, waitedMs: clock.now() - T0 };
  }

  it('waits until that is over', async () => {
    const { lease, waitedMs } = await begin(idOfTry('a'), 5_000);
    expect(lease).toBeDefined();
    expect(waitedMs).toBeLessThan(7_000);
  });

  it('waits no longer than it may', async () => {
    const { lease, waitedMs } = await begin(idOfTry('a'), 60_000);
    expect(lease).toBeUndefined();
    expect(waitedMs).toBeLessThan(12_000);
  });

  it.each([
    ['another run of the sweep', 'run-0', 'run-1'],
    ['a try, where it is one itself', idOfTry('a'), idOfTry('b')],
  ])('does not wait for %s', async (_what, heldBy, holder) => {
    const { lease, waitedMs } = await begin(heldBy, 5_000, holder);
    expect({ lease, waitedMs }).toEqual({ lease: undefined, waitedMs: 500 });
  });
});
