import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../lib/platform/clock.ts';
import { startDeadline, withTimeLimit } from '../../../lib/platform/deadline.ts';
import { DeadlineError } from '../../../lib/platform/errors.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createStallingClock } from '../../support/stalling-clock.ts';

/** Time stands still until `pass`; `sleepers` counts who waits. */
function createStillClock(): Clock & { pass(): void; sleepers(): number } {
  const waiting = new Set<() => void>();
  return {
    now: () => 0,
    monotonic: () => 0,
    sleep(_ms, { signal }) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      waiting.add(resolve);
      signal.addEventListener('abort', () => {
        waiting.delete(resolve);
        reject(signal.reason);
      });
      return promise;
    },
    pass: () => {
      for (const resolve of waiting) resolve();
    },
    sleepers: () => waiting.size,
  };
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

describe('withTimeLimit', () => {
  it('answers what the work answers, and keeps no timer', async () => {
    const clock = createStillClock();
    const { signal } = new AbortController();
    expect(await withTimeLimit({ clock, ms: 1_000, what: 'the work', signal }, async () => 'done')).toBe(
      'done',
    );
    expect(clock.sleepers()).toBe(0);
  });

  it('aborts the work with a DeadlineError that names it when the time is over', async () => {
    const clock = createStillClock();
    const { signal } = new AbortController();
    const work = withTimeLimit({ clock, ms: 1_000, what: 'the work', signal }, untilAborted);
    clock.pass();
    await expect(work).rejects.toThrow(DeadlineError);
    await expect(work).rejects.toThrow('the work');
  });

  it('aborts the work with the reason of the signal it follows', async () => {
    const parent = new AbortController();
    const limit = { clock: createStillClock(), ms: 1_000, what: 'the work', signal: parent.signal };
    const work = withTimeLimit(limit, untilAborted);
    parent.abort('given up');
    await expect(work).rejects.toBe('given up');
  });
});

describe('withTimeLimit, in a process that is stalled', () => {
  it('gives the work as long again at most', async () => {
    const clock = createStallingClock();
    const { signal } = new AbortController();
    const ends: unknown[] = [];
    const work = withTimeLimit({ clock, ms: 5_000, what: 'the work', signal }, untilAborted).catch(
      (error: unknown) => ends.push(error),
    );
    clock.stall(20_000);
    clock.advance(20_000);
    await new Promise(setImmediate);
    clock.advance(4_999);
    await new Promise(setImmediate);
    expect(ends).toEqual([]);
    clock.advance(1);
    await work;
    expect(ends).toMatchObject([{ code: 'deadline', stalledMs: 20_000 }]);
  });
});

describe('startDeadline', () => {
  it('has aborted already when it ends in the past', () => {
    using deadline = startDeadline({ clock: createStillClock(), ms: 0, what: 'the work' });
    expect(deadline.signal.reason).toBeInstanceOf(DeadlineError);
    expect(deadline.remainingMs()).toBe(0);
    using earlier = startDeadline({ clock: createStillClock(), ms: -1, what: 'the work' });
    expect(earlier.signal.reason).toBeInstanceOf(DeadlineError);
    expect(earlier.remainingMs()).toBe(0);
  });

  it('does not abort its signal when it is disposed', () => {
    const deadline = startDeadline({ clock: createStillClock(), ms: 1_000, what: 'the work' });
    deadline[Symbol.dispose]();
    expect(deadline.signal.aborted).toBe(false);
  });
});

describe('a deadline with a function for its name', () => {
  it('asks it when the time is over', async () => {
    const clock = createStillClock();
    let step = 'the first step';
    const aborted = untilAborted(startDeadline({ clock, ms: 1, what: () => step }).signal);
    step = 'the second step';
    clock.pass();
    await expect(aborted).rejects.toThrow('the second step: out of time');
  });
});

describe('startDeadline, with patience', () => {
  const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
  /** A deadline of 15 s and what it does when this process is stalled for so long within them. */
  const start = (
    options: { atMostMs?: number; parent?: AbortSignal; mayProlong?: (ms: number) => Promise<boolean> } = {},
  ) => {
    const { atMostMs = 15_000, parent, mayProlong } = options;
    const clock = createStallingClock();
    const deadline = startDeadline({
      clock,
      ms: 15_000,
      what: 'the login',
      patienceMs: atMostMs,
      ...(parent && { signal: parent }),
      ...(mayProlong && { mayProlong }),
    });
    const pass = async (ms: number) => {
      clock.advance(ms);
      await nextTurn();
    };
    return { clock, deadline, pass };
  };

  it('ends in time when this process always ran, or was late by 250 ms', async () => {
    const { clock, deadline, pass } = start();
    clock.stall(250);
    await pass(14_999);
    expect(deadline.signal.aborted).toBe(false);
    await pass(1);
    expect(deadline.signal.aborted).toBe(true);
    expect(deadline.remainingMs()).toBe(0);
  });

  it('gives as much time as the stall took when its timer fires late', async () => {
    const { clock, deadline, pass } = start();
    clock.stall(4_000);
    await pass(15_000);
    expect(deadline.signal.aborted).toBe(false);
    expect(deadline.remainingMs()).toBe(4_000);
    await pass(3_999);
    expect(deadline.signal.aborted).toBe(false);
    await pass(1);
    expect(deadline.signal.reason).toMatchObject({ code: 'deadline', stalledMs: 4_000 });
  });

  it('gives no more than it may, however long the stall was', async () => {
    const { clock, deadline, pass } = start();
    clock.stall(3_600_000);
    await pass(3_600_000);
    expect(deadline.remainingMs()).toBe(15_000);
    await pass(15_000);
    expect(deadline.signal.aborted).toBe(true);
  });

  it('has time left in the moment after a stall, before its timer has fired', () => {
    const { clock, deadline } = start();
    clock.stall(20_000);
    clock.advance(0);
    expect(deadline.remainingMs()).toBe(15_000);
  });

  it('counts no stall that was over when it began', async () => {
    const clock = createStallingClock();
    clock.stall(60_000);
    using deadline = startDeadline({ clock, ms: 15_000, what: 'the login', patienceMs: 15_000 });
    clock.stall(300);
    clock.advance(15_000);
    await nextTurn();
    expect(deadline.remainingMs()).toBe(300);
    clock.advance(300);
    await nextTurn();
    expect(deadline.signal.reason).toMatchObject({ code: 'deadline', stalledMs: 300 });
  });

  it('counts a stall once', async () => {
    const { clock, deadline, pass } = start();
    clock.stall(1_000);
    await pass(15_000);
    await pass(1_000);
    expect(deadline.signal.aborted).toBe(true);
  });

  it('gives all stalls together no more than it may', async () => {
    const { clock, deadline, pass } = start({ atMostMs: 10_000 });
    for (const [stallMs, ms] of [
      [6_000, 15_000],
      [3_000, 6_000],
      [3_000, 3_000],
    ] as const) {
      clock.stall(stallMs);
      await pass(ms);
      expect(deadline.signal.aborted).toBe(false);
    }
    expect(deadline.remainingMs()).toBe(1_000);
    clock.stall(1_000);
    await pass(1_000);
    expect(deadline.signal.aborted).toBe(true);
    expect(deadline.remainingMs()).toBe(0);
  });

  it('ends at last in a process that is stalled all the time', async () => {
    const { clock, deadline, pass } = start();
    for (let passed = 0; passed < 200 && !deadline.signal.aborted; passed += 15) {
      clock.stall(14_000);
      await pass(15_000);
    }
    expect(deadline.signal.aborted).toBe(true);
  });

  it('asks before its end comes later, and is not over while it waits for the answer', async () => {
    const asked: number[] = [];
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const mayProlong = (ms: number) => {
      asked.push(ms);
      return promise;
    };
    const { clock, deadline, pass } = start({ mayProlong });
    clock.stall(4_000);
    await pass(15_000);
    await pass(1_000);
    expect({ asked, isOver: deadline.signal.aborted }).toEqual({ asked: [4_000], isOver: false });
    resolve(true);
    await nextTurn();
    await pass(3_999);
    expect(deadline.signal.aborted).toBe(false);
    await pass(1);
    expect(deadline.signal.aborted).toBe(true);
  });

  it('is over when it may not come later', async () => {
    const { clock, deadline, pass } = start({ mayProlong: async () => false });
    clock.stall(4_000);
    await pass(15_000);
    expect(deadline.signal.reason).toMatchObject({ code: 'deadline', stalledMs: 4_000 });
    expect(deadline.remainingMs()).toBe(0);
  });

  it('asks nobody in a process that always ran', async () => {
    const asked: number[] = [];
    const { pass } = start({ mayProlong: async (ms) => asked.push(ms) > 0 });
    await pass(15_000);
    expect(asked).toEqual([]);
  });

  it('ends with its parent, stalled or not', async () => {
    const parent = new AbortController();
    const { clock, deadline, pass } = start({ parent: parent.signal });
    clock.stall(20_000);
    await pass(15_000);
    parent.abort('the worker ends');
    expect(deadline.signal.reason).toBe('the worker ends');
  });

  it('is not moved by a step of the wall clock', async () => {
    const clock = { ...createManualClock(), wall: 0 };
    const stepped = { ...clock, now: () => clock.now() + clock.wall };
    using deadline = startDeadline({ clock: stepped, ms: 15_000, what: 'the login' });
    clock.wall = 86_400_000;
    expect(deadline.remainingMs()).toBe(15_000);
    clock.wall = -86_400_000;
    expect(deadline.remainingMs()).toBe(15_000);
    clock.advance(15_000);
    await nextTurn();
    expect(deadline.signal.aborted).toBe(true);
  });
});
