import type { Clock } from './clock.ts';

/**
 * The times of something that is planned in milliseconds since the epoch, as one process keeps them: the wall clock is
 * read once, when the timeline starts, and monotonic time counts from then on. Who sets the clock moves none of them.
 */
export interface Timeline {
  /** Whole milliseconds since the epoch, by the wall clock as it was when the timeline started. */
  now(): number;
  /** Milliseconds until then; 0 when it is over. */
  msUntil(at: number): number;
  /** The same moment for another process, which reads its own wall clock. */
  onWallClock(at: number): number;
}

/** Start it once, where times come in: with a run, or with a request. */
export function startTimeline(clock: Pick<Clock, 'now' | 'monotonic'>): Timeline {
  const offsetMs = clock.now() - clock.monotonic();
  const now = () => Math.round(clock.monotonic() + offsetMs);
  return {
    now,
    msUntil: (at) => Math.max(0, at - now()),
    onWallClock: (at) => clock.now() + (at - now()),
  };
}
