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
  /**
   * Time is over for everybody, also for those who died: their deadlines end. Node keeps a signal that was made of
   * others, with all that waits for it, until it aborts or nobody listens, and the dead listen for ever.
   */
  end(): void;
}

interface Timer {
  readonly at: number;
  readonly wake: () => void;
  readonly isDead: () => boolean;
}

export function createVirtualTime(start: number): VirtualTime {
  let now = start;
  const timers = new Set<Timer>();
  const abandoned = new Set<Timer>();
  let isOver = false;
  const abandon = (timer: Timer) => {
    timers.delete(timer);
    abandoned.add(timer);
  };
  /** All microtasks run before the next immediate. */
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const next = (): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.isDead()) abandon(timer);
      else if (first === undefined || timer.at < first.at) first = timer;
    }
    return first;
  };
  return {
    now: () => now,
    clockOf: ({ skewMs, isDead }) => ({
      now: () => now + skewMs(),
      monotonic: () => now + skewMs(),
      sleep(ms, { signal }) {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        if (signal.aborted) {
          reject(signal.reason);
          return promise;
        }
        const onAbort = () => {
          timers.delete(timer);
          abandoned.delete(timer);
          reject(signal.reason);
        };
        const wake = () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        };
        if (isOver) return Promise.resolve();
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
      for (const timer of timers) abandon(timer);
      now += ms;
    },
    end() {
      isOver = true;
      for (const timer of [...abandoned, ...timers]) timer.wake();
      abandoned.clear();
      timers.clear();
    },
  };
}
