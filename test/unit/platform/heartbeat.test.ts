import { describe, expect, it } from 'vitest';
import { printStall, remedyForStall, withHeartbeat } from '../../../lib/platform/heartbeat.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** A wall clock and a monotonic one that the test moves by themselves; a beat comes when it says so. */
function createTwoClocks() {
  const manual = createManualClock(0);
  let wallAhead = 0;
  let standsStill = 0;
  const clock = {
    ...manual,
    now: () => manual.now() + wallAhead,
    monotonic: () => manual.monotonic() - standsStill,
  };
  return {
    clock,
    /** A step of the wall clock, or a suspended machine whose monotonic clock stood still. */
    stepWall: (ms: number) => {
      wallAhead += ms;
    },
    stopMonotonic: (ms: number) => {
      standsStill += ms;
    },
  };
}

async function beatFor(ms: number, clock: { advance(ms: number): void }, everyMs = 100) {
  for (let passed = 0; passed < ms; passed += everyMs) {
    clock.advance(everyMs);
    await nextTurn();
  }
}

describe('withHeartbeat', () => {
  it('finds no stall in a process whose timers are punctual to 20 ms', async () => {
    const { clock } = createTwoClocks();
    using heartbeat = withHeartbeat(clock);
    await beatFor(5_000, clock, 119);
    expect(heartbeat.stalledMs()).toBe(0);
  });

  it('takes a timer that is late by more than 20 ms for a stall', async () => {
    const { clock } = createTwoClocks();
    using heartbeat = withHeartbeat(clock);
    clock.advance(120);
    expect(heartbeat.stalledMs()).toBe(0);
    clock.advance(1);
    expect(heartbeat.stalledMs()).toBe(21);
  });

  it('measures a stall before its own beat comes', async () => {
    const { clock } = createTwoClocks();
    using heartbeat = withHeartbeat(clock);
    await beatFor(500, clock);
    clock.advance(20_100);
    expect(heartbeat.stalledMs()).toBe(20_000);
    await nextTurn();
    expect(heartbeat.stalledMs()).toBe(20_000);
    await beatFor(500, clock);
    expect(heartbeat.stalledMs()).toBe(20_000);
  });

  it('adds up the stalls of a process that is short of processor time', async () => {
    const { clock } = createTwoClocks();
    using heartbeat = withHeartbeat(clock);
    await beatFor(10_000, clock, 1_000);
    expect(heartbeat.stalledMs()).toBe(9_000);
  });

  it('measures a suspended machine whose monotonic clock stood still, by the wall clock', async () => {
    const { clock, stopMonotonic } = createTwoClocks();
    using heartbeat = withHeartbeat(clock);
    clock.advance(30_100);
    stopMonotonic(30_000);
    expect(heartbeat.stalledMs()).toBe(30_000);
  });

  it('takes a wall clock that is set back for no stall', async () => {
    const { clock, stepWall } = createTwoClocks();
    using heartbeat = withHeartbeat(clock);
    stepWall(-86_400_000);
    await beatFor(1_000, clock);
    expect(heartbeat.stalledMs()).toBe(0);
  });

  it('beats in the background: it keeps no process alive', async () => {
    const asked: unknown[] = [];
    const { clock } = createTwoClocks();
    const sleep: typeof clock.sleep = (ms, options) => {
      asked.push({ ms, background: options.background });
      return clock.sleep(ms, options);
    };
    using _heartbeat = withHeartbeat({ ...clock, sleep });
    await beatFor(100, clock);
    expect(asked).toEqual([
      { ms: 100, background: true },
      { ms: 100, background: true },
    ]);
  });

  it('sleeps no more once it is disposed', async () => {
    const { clock } = createTwoClocks();
    withHeartbeat(clock)[Symbol.dispose]();
    await nextTurn();
    clock.advance(60_000);
    await nextTurn();
    expect(clock.sleepers()).toBe(0);
  });
});

describe('printStall', () => {
  it.each([
    [420, '0.4 s'],
    [9_990, '10.0 s'],
    [10_000, '10 s'],
    [20_004, '20 s'],
  ])('prints %d ms as %s', (ms, text) => {
    expect(printStall(ms)).toBe(text);
  });
});

describe('remedyForStall', () => {
  it('asks for the machine where this process was stalled for more than 250 ms', () => {
    expect(remedyForStall(250)).toBeUndefined();
    expect(remedyForStall(251)).toBe(
      'this process was stalled for 0.3 s. Check whether its machine was paused or is overloaded',
    );
  });
});
