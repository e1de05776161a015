import { type Clock, systemClock } from '../../lib/platform/clock.ts';

/** The machine's time plus what the test has added; waiting takes as long as ever. */
export interface OffsetClock extends Clock {
  advance(ms: number): void;
}

export function createOffsetClock(): OffsetClock {
  let offsetMs = 0;
  return {
    ...systemClock,
    now: () => systemClock.now() + offsetMs,
    advance: (ms) => {
      offsetMs += ms;
    },
  };
}
