import type { MeasuredClock } from '../../lib/platform/heartbeat.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

/** Of a process that stalls when the test says so; the time that passes meanwhile is moved by itself. */
export interface StallingClock extends ManualClock, MeasuredClock {
  stalledMs(): number;
  stall(ms: number): void;
}

export function createStallingClock(start?: number): StallingClock {
  let total = 0;
  return {
    ...createManualClock(start),
    stalledMs: () => total,
    stall: (ms) => {
      total += ms;
    },
  };
}
