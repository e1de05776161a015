import type { Clock } from '../../lib/platform/clock.ts';

/**
 * Time that stands still while there is anything to do, and then jumps to the next sleeper's end: what waits for a time
 * limit waits for nothing, and no limit is over because the machine has other work to do. Only for peers in this
 * process that answer without a socket; what needs real time, as a disk does, is told of by `hold`.
 */
export interface EagerClock extends Clock {
  /** Time stands still until this is settled. */
  hold<T>(work: Promise<T>): Promise<T>;
  /** Time that something took which has no other clock, such as a computation. */
  advance(ms: number): void;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export function createEagerClock(start = Date.now()): EagerClock {
  let now = start;
  let held = 0;
  let isPumping = false;
  const sleepers = new Set<Sleeper>();
  const first = (): Sleeper | undefined => {
    let next: Sleeper | undefined;
    for (const one of sleepers) if (next === undefined || one.at < next.at) next = one;
    return next;
  };
  const wakeNext = () => {
    const next = first();
    if (next === undefined) return;
    sleepers.delete(next);
    now = Math.max(now, next.at);
    next.wake();
  };
  /** All microtasks run before the next immediate. */
  const pump = async () => {
    isPumping = true;
    while (sleepers.size > 0) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (held === 0) wakeNext();
    }
    isPumping = false;
  };
  return {
    now: () => now,
    monotonic: () => now,
    sleep(ms, { signal }) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      if (signal.aborted) {
        reject(signal.reason);
        return promise;
      }
      const onAbort = () => {
        sleepers.delete(sleeper);
        reject(signal.reason);
      };
      const wake = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const sleeper = { at: now + Math.max(0, ms), wake };
      sleepers.add(sleeper);
      signal.addEventListener('abort', onAbort, { once: true });
      if (!isPumping) void pump();
      return promise;
    },
    async hold(work) {
      held += 1;
      try {
        return await work;
      } finally {
        held -= 1;
      }
    },
    advance(ms) {
      now += ms;
    },
  };
}
