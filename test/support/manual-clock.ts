import type { Clock } from '../../lib/platform/clock.ts';

/** Time that stands still until the test moves it. */
export interface ManualClock extends Clock {
  /** Wakes who sleeps until then. */
  advance(ms: number): void;
  sleepers(): number;
  /** In how many milliseconds the next sleeper wakes; undefined when nobody sleeps. */
  nextInMs(): number | undefined;
}

export function createManualClock(start = Date.UTC(2026, 10, 25)): ManualClock {
  let now = start;
  const sleepers = new Map<() => void, number>();
  return {
    now: () => now,
    monotonic: () => now,
    sleep(ms, { signal }) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      if (signal.aborted) {
        reject(signal.reason);
        return promise;
      }
      sleepers.set(resolve, now + ms);
      const onAbort = () => {
        sleepers.delete(resolve);
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      return promise.finally(() => signal.removeEventListener('abort', onAbort));
    },
    advance(ms) {
      now += ms;
      for (const [wake, at] of sleepers) {
        if (at > now) continue;
        sleepers.delete(wake);
        wake();
      }
    },
    sleepers: () => sleepers.size,
    nextInMs: () => (sleepers.size === 0 ? undefined : Math.min(...sleepers.values()) - now),
  };
}
