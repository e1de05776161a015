import { type Clock, systemClock } from '../../lib/platform/clock.ts';

/** Runs that begin so soon after the next one begin with it, in milliseconds. */
const TOGETHER_MS = 50;

/**
 * Time that goes on as ever, and jumps to the next waking as soon as all `sleepers` sleep `betweenRuns`, because nothing
 * is under way then. What has been skipped is told as `globalThis.skippedMs`.
 */
export function createJumpingClock({ sleepers }: { sleepers: number }): { clock: Clock; betweenRuns: Clock } {
  const asleep = new Set<{ readonly until: number; readonly wake: () => void }>();
  globalThis.skippedMs = 0;
  const skipped = () => globalThis.skippedMs ?? 0;
  const clock: Clock = {
    ...systemClock,
    now: () => systemClock.now() + skipped(),
    monotonic: () => systemClock.monotonic() + skipped(),
  };
  const jump = () => {
    const next = Math.min(...Array.from(asleep, ({ until }) => until));
    globalThis.skippedMs = skipped() + Math.max(0, next - clock.monotonic());
    for (const one of asleep) {
      if (one.until > clock.monotonic() + TOGETHER_MS) continue;
      asleep.delete(one);
      one.wake();
    }
  };
  const betweenRuns: Clock = {
    ...clock,
    async sleep(ms, { signal }) {
      signal.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper = { until: clock.monotonic() + ms, wake: resolve };
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      asleep.add(sleeper);
      if (asleep.size === sleepers) jump();
      try {
        await promise;
      } finally {
        asleep.delete(sleeper);
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
  return { clock, betweenRuns };
}
