import { readEnv } from '../../lib/config/env.ts';
import { createLambdaClient, createLambdaInvoke } from '../../lib/platform/lambda-invoke.ts';
import type { RunSweepDeps } from '../../lib/sweep/run-sweep.ts';
import { sealedInvoke } from '../../lib/sweep/sealed-request.ts';
import { COLLECT_BATCH } from '../../lib/sweep/target/dispatch.ts';
import { wireSweep } from '../../lib/sweep/wire-sweep.ts';
import { createSealedSurroundings, SEALED_ENV } from '../surroundings.ts';

const MAX_BATCHES = 50;

/** Everything that a run needs, wired for AWS: batches go to other functions. Throws ConfigError. */
export function createContainer(env: NodeJS.ProcessEnv): RunSweepDeps {
  const { collectBatch: worker, stack, table } = readEnv(env, [...SEALED_ENV, 'collectBatch']);
  const { seals, ...surroundings } = createSealedSurroundings('sweep', env);
  const { maxConcurrentBatches = MAX_BATCHES, maxSessionsPerTarget } = surroundings.loaded.config.aws ?? {};
  const invoke = createLambdaInvoke({
    client: createLambdaClient({ maxSockets: maxConcurrentBatches }),
    functions: { [COLLECT_BATCH]: worker },
  });
  return wireSweep(surroundings, {
    invoke: sealedInvoke(invoke, { seals, addressee: { stack, table, worker } }),
    maxBatches: maxConcurrentBatches,
    maxBatchesPerTarget: maxSessionsPerTarget,
    push: true,
  });
}
