import type { Clock } from './clock.ts';

/** A clock that knows how long its process did not run. */
export type MeasuredClock = Clock & Required<Pick<Clock, 'stalledMs'>>;

/** From here on a timer that fires does not judge at once. */
export const STALL_MS = 250;

const BEAT_MS = 100;
/** A timer is never quite punctual. */
const PUNCTUAL_MS = 20;

/**
 * Measures how long this process did not run when it should have: stopped, paused with its machine, short of processor
 * time, or busy with one thing. A timer that fires late says nothing about those for whom it waited, so what waits by
 * this clock has patience for the stalls.
 *
 * Beats until it is disposed, and keeps no process alive. A machine that was suspended shows it by one of its two
 * clocks only: the monotonic one may have stood still meanwhile. A step of the wall clock looks the same, and costs
 * others a moment of patience.
 */
export function withHeartbeat(clock: Clock): MeasuredClock & Disposable {
  const stopped = new AbortController();
  let total = 0;
  let beat = read(clock);
  const lateMs = () => {
    const now = read(clock);
    const late = Math.max(now.monotonic - beat.monotonic, now.wall - beat.wall) - BEAT_MS;
    return late > PUNCTUAL_MS ? late : 0;
  };
  const run = async () => {
    for (;;) {
      await clock.sleep(BEAT_MS, { signal: stopped.signal, background: true });
      total += lateMs();
      beat = read(clock);
    }
  };
  run().catch(() => undefined);
  return {
    ...clock,
    stalledMs: () => total + lateMs(),
    [Symbol.dispose]: () => stopped.abort('stopped'),
  };
}

const read = (clock: Clock) => ({ monotonic: clock.monotonic(), wall: clock.now() });

/** `20 s`, `0.4 s`. */
export const printStall = (ms: number): string =>
  `${ms < 10_000 ? (ms / 1_000).toFixed(1) : Math.round(ms / 1_000)} s`;

/** What to do about what failed while this process was stalled; undefined when it ran. */
export const remedyForStall = (ms: number): string | undefined =>
  ms > STALL_MS
    ? `this process was stalled for ${printStall(ms)}. Check whether its machine was paused or is overloaded`
    : undefined;
