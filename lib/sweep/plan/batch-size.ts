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

/** Slices of nearly equal size, none above `maxSize`, so that no worker is left with a remnant. */
export function sliceBatches<T>(items: readonly T[], maxSize: number): T[][] {
  const count = Math.ceil(items.length / Math.max(1, maxSize));
  return Array.from({ length: count }, (_, index) =>
    items.slice(Math.floor((index * items.length) / count), Math.floor(((index + 1) * items.length) / count)),
  );
}

/** Of items that one session reads. Big, because each costs a session, a ticket and, in AWS, a function. */
export const READ_SLICE = 1_000;

/** How many batches a target needs on the path that needs more: to ask its hosts, and to read items of all kinds. */
export function batchesOf({
  asked,
  maxBatchHosts,
  read,
}: {
  readonly asked: number;
  readonly maxBatchHosts: number;
  readonly read: readonly { readonly items: readonly unknown[] }[];
}): number {
  const reads = read.map(({ items }) => Math.ceil(items.length / READ_SLICE));
  return Math.max(
    Math.ceil(asked / maxBatchHosts),
    reads.reduce((sum, one) => sum + one, 0),
  );
}
