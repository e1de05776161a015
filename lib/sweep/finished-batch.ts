import type { BatchHost, BatchRequest, BatchResult } from './batch.ts';

/** A batch of hosts that were to be asked, and what came of it. */
export interface FinishedBatch {
  readonly batch: number;
  readonly hosts: readonly BatchHost[];
  readonly result: PromiseSettledResult<BatchResult>;
  /** A worker may have begun with it, whatever became of that. */
  readonly started: boolean;
  /** What cost the whole target something, for the operator; several batches may say the same. */
  readonly problems?: readonly string[];
  /** Its hosts were asked one at a time. */
  readonly care?: NonNullable<BatchRequest['care']>;
}
