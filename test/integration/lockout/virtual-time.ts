import type { Clock } from '../../../lib/platform/clock.ts';

/**
 * Time that stands still until nothing is left to do and then jumps to the next timer: a day of sweeps takes
 * milliseconds, and the same seed gives the same order of events.
 */
export interface VirtualTime {
  /** Milliseconds since the epoch: what passes in the world, whatever a process's clock says. */
  now(): number;
  /** A clock that is off by what `skew` says, and on which nobody wakes once `isDead`. */
  clockOf(process: { skewMs(): number; isDead(): boolean }): Clock;
  /** Lets time pass until `isDone`; `maxMs` later at most. */
  runUntil(isDone: () => boolean, maxMs: number): Promise<void>;
  /** Nothing is under way: only the clock moves. */
  pass(ms: number): void;
}

interface Timer {
  readonly at: number;
  readonly wake: () => void;
  readonly isDead: () => boolean;
}

export function createVirtualTime(start: number): VirtualTime {
  let now = start;
  const timers = new Set<Timer>();
  /** All microtasks run before the next immediate. */
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const next = (): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.isDead()) timers.delete(timer);
      else if (first === undefined || timer.at < first.at) first = timer;
    }
    return first;
  };
  return {
    now: () => now,
    clockOf: ({ skewMs, isDead }) => ({
      now: () => now + skewMs(),
      sleep(ms, { signal }) {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        if (signal.aborted) {
          reject(signal.reason);
          return promise;
        }
        const onAbort = () => {
          timers.delete(timer);
          reject(signal.reason);
        };
        const wake = () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        };
        const timer: Timer = { at: now + Math.max(0, ms), wake, isDead };
        timers.add(timer);
        signal.addEventListener('abort', onAbort, { once: true });
        return promise;
      },
    }),
    async runUntil(isDone, maxMs) {
      const end = now + maxMs;
      for (;;) {
        await settle();
        if (isDone()) return;
        const timer = next();
        if (timer === undefined || timer.at > end) throw new RangeError('a run never ends');
        timers.delete(timer);
        now = Math.max(now, timer.at);
        timer.wake();
      }
    },
    pass(ms) {
      timers.clear();
      now += ms;
    },
  };
}
