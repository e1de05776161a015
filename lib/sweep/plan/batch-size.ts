import { MAX_BATCH_HOSTS } from '../../config/own-collecting.ts';

export { MAX_BATCH_HOSTS };

/** A size that was too large once is tried again after some 35 runs, not in every second one. */
const GROWTH = 1.02;

/**
 * The hosts that a batch of the next run may have: half of what gave a result over its bounds, and slowly back to the
 * limit while results fit.
 */
export function nextBatchSize(size: number, run: { tooLarge: boolean; hosts: number }): number {
  if (run.tooLarge) return Math.max(1, Math.floor(Math.min(size, run.hosts) / 2));
  return Math.min(MAX_BATCH_HOSTS, Math.ceil(size * GROWTH));
}
