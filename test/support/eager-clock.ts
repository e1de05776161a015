import type { Clock } from '../../lib/platform/clock.ts';
import { createManualClock } from './manual-clock.ts';

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

export function createEagerClock(start = Date.now()): EagerClock {
  const clock = createManualClock(start);
  let held = 0;
  let isPumping = false;
  /** All microtasks run before the next immediate. */
  const pump = async () => {
    isPumping = true;
    while (clock.sleepers() > 0) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (held === 0) clock.advance(Math.max(0, clock.nextInMs() ?? 0));
    }
    isPumping = false;
  };
  return {
    now: clock.now,
    monotonic: clock.monotonic,
    advance: clock.advance,
    sleep(ms, options) {
      const sleeping = clock.sleep(ms, options);
      if (!isPumping) void pump();
      return sleeping;
    },
    async hold(work) {
      held += 1;
      try {
        return await work;
      } finally {
        held -= 1;
      }
    },
  };
}
