import type { Heartbeat } from '../../lib/platform/heartbeat.ts';

/** Of a process that always runs when it should. */
export const neverStalled: Heartbeat = { stalledMs: () => 0 };

/** Of a process that stalls when the test says so. */
export function createStalls(): Heartbeat & { stall(ms: number): void } {
  let total = 0;
  return {
    stalledMs: () => total,
    stall: (ms) => {
      total += ms;
    },
  };
}
