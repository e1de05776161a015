import type { TargetSession } from '../../lib/readers/target-reader.ts';

/** For readers that do not count events. */
export const NO_EVENTS: TargetSession['events'] = {
  types: [],
  tally: {
    read: () => Promise.reject(new Error('nobody counts events here')),
    keep: () => Promise.reject(new Error('nobody counts events here')),
  },
};
