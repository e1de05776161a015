import { wireWorker } from '../../lib/sweep/wire-worker.ts';
import type { CollectBatchDeps } from '../../lib/sweep/worker/collect-batch.ts';
import { createSurroundings } from '../surroundings.ts';

/** Everything that a worker needs, wired for AWS. Throws ConfigError. */
export const createContainer = (env: NodeJS.ProcessEnv): CollectBatchDeps =>
  wireWorker(createSurroundings('collect-batch', env));
