import pLimit from 'p-limit';
import type { DispatchDeps } from './dispatch.ts';
import type { ReadItemsDeps } from './read-items.ts';

/** Of the batches under way at once the share that is kept for those that ask hosts. */
const ASK_SHARE = 1 / 4;

/**
 * The places of batches, and those of them in which vCenters may be read: one that hangs keeps no host from being asked.
 * Where there is a single place, reading has one of its own.
 */
export function placesOf(maxBatches: number): Pick<DispatchDeps, 'batches'> & Pick<ReadItemsDeps, 'reads'> {
  const batches = pLimit(maxBatches);
  if (maxBatches === 1) return { batches, reads: pLimit(1) };
  const reads = pLimit(maxBatches - Math.ceil(maxBatches * ASK_SHARE));
  return { batches, reads: (work) => reads(() => batches(work)) };
}

/** Batches that may be under way at once: each needs a connection of its own, or one waits behind another's. */
export const placesInAll = (maxBatches: number): number => Math.max(2, maxBatches);
