import type { CollectBatchDeps } from '../../lib/sweep/collect-batch.ts';
import { wireWorker } from '../../lib/sweep/wire-worker.ts';
import { createSurroundings } from '../surroundings.ts';

/** Everything that a worker needs, wired for AWS. Throws ConfigError. */
export const createContainer = (env: NodeJS.ProcessEnv): CollectBatchDeps =>
  wireWorker(createSurroundings(env));
