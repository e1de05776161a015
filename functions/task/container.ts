import { stackOf } from '../../lib/config/deployed-names.ts';
import { readEnv } from '../../lib/config/env.ts';
import { batchesIn } from '../../lib/config/own-collecting.ts';
import { quieter } from '../../lib/platform/log.ts';
import { COLLECT_BATCH } from '../../lib/sweep/dispatch/hand-over.ts';
import { createLocalInvoke } from '../../lib/sweep/dispatch/local-invoke.ts';
import { runSweep } from '../../lib/sweep/run/run-sweep.ts';
import { wireSweep } from '../../lib/sweep/wire-sweep.ts';
import { wireWorker } from '../../lib/sweep/wire-worker.ts';
import { collectBatch } from '../../lib/sweep/worker/collect-batch.ts';
import { createSealedSurroundings, SEALED_ENV } from '../surroundings.ts';
import { publishMetrics } from '../sweep/publish-metrics.ts';
import type { RunTaskDeps } from './run-task.ts';

/**
 * Everything that the task needs: the state, the secrets and the seals of the functions, and batches in this process as
 * on one machine, where a request is made by the process that answers it, so that none is sealed. Throws ConfigError.
 */
export function createContainer(env: NodeJS.ProcessEnv): RunTaskDeps & { readonly healthPort: number } {
  const { taskMemory, taskHealthPort } = readEnv(env, [...SEALED_ENV, 'taskMemory', 'taskHealthPort']);
  const { seals: _ofItemsAlone, ...surroundings } = createSealedSurroundings('task', env);
  const { config } = surroundings.loaded;
  const { clock, log } = surroundings;
  const worker = wireWorker({ ...surroundings, log: quieter(log) });
  const sweep = wireSweep(surroundings, {
    invoke: createLocalInvoke({
      [COLLECT_BATCH]: (payload, options) => collectBatch(payload, worker, options),
    }),
    maxBatches: Math.min(MAX_BATCHES, config.aws?.maxConcurrentBatches ?? MAX_BATCHES),
    // Not of those that read: a vCenter that hangs would hold the place of all others, with hardly any memory.
    maxAsking: batchesIn(Number(taskMemory)),
    maxBatchesPerTarget: config.aws?.maxSessionsPerTarget,
    push: true,
  });
  return {
    healthPort: Number(taskHealthPort),
    sweeps: config.sweeps,
    clock,
    log,
    runSweep: (order, options) => runSweep(order, sweep, options),
    publish: (values, { sweep: name }) =>
      publishMetrics(values, { stack: stackOf(config), sweep: name, timestamp: clock.now() }),
  };
}

/** As on one machine (lib/cli/container.ts). */
const MAX_BATCHES = 16;
