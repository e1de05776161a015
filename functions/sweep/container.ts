import { readEnv } from '../../lib/config/env.ts';
import { createLambdaClient, createLambdaInvoke } from '../../lib/platform/lambda-invoke.ts';
import { COLLECT_BATCH } from '../../lib/sweep/target/dispatch.ts';
import type { SweepTargetDeps } from '../../lib/sweep/target/sweep-target.ts';
import { wireSweep } from '../../lib/sweep/wire-sweep.ts';
import { createSurroundings, SURROUNDINGS_ENV } from '../surroundings.ts';

const MAX_BATCHES = 50;

/** Everything that a run needs, wired for AWS: batches go to other functions. Throws ConfigError. */
export function createContainer(env: NodeJS.ProcessEnv): SweepTargetDeps {
  const { collectBatch } = readEnv(env, [...SURROUNDINGS_ENV, 'collectBatch']);
  const surroundings = createSurroundings('sweep', env);
  const { maxConcurrentBatches = MAX_BATCHES, maxSessionsPerTarget } = surroundings.loaded.config.aws ?? {};
  const invoke = createLambdaInvoke({
    client: createLambdaClient({ maxSockets: maxConcurrentBatches }),
    functions: { [COLLECT_BATCH]: collectBatch },
  });
  return wireSweep(surroundings, {
    invoke,
    maxBatches: maxConcurrentBatches,
    maxBatchesPerTarget: maxSessionsPerTarget,
    push: true,
  });
}
