import { readEnv } from '../../lib/config/env.ts';
import { batchesIn, inlineBelowHostsOf } from '../../lib/config/own-collecting.ts';
import { createLambdaClient, createLambdaInvoke } from '../../lib/platform/lambda-invoke.ts';
import { COLLECT_BATCH } from '../../lib/sweep/dispatch/hand-over.ts';
import { createOwnBatches, type OwnBatches } from '../../lib/sweep/dispatch/own-batches.ts';
import { placesInAll } from '../../lib/sweep/dispatch/places.ts';
import type { RunSweepDeps } from '../../lib/sweep/run/run-sweep.ts';
import type { PresentKeys } from '../../lib/sweep/scan/present-keys.ts';
import { wirePresentKeys } from '../../lib/sweep/scan/wire-present-keys.ts';
import { sealedInvoke } from '../../lib/sweep/sealed-request.ts';
import { wireSweep } from '../../lib/sweep/wire-sweep.ts';
import { wireWorker } from '../../lib/sweep/wire-worker.ts';
import { collectBatch } from '../../lib/sweep/worker/collect-batch.ts';
import { createSealedSurroundings, SEALED_ENV } from '../surroundings.ts';

const MAX_BATCHES = 50;

export interface SweepContainer extends RunSweepDeps {
  readonly ownBatches: OwnBatches;
  readonly presentKeys: PresentKeys;
}

/**
 * Everything that a run needs, wired for AWS: batches go to other functions, or are collected here as on one machine,
 * where this process has made the request itself, and believes it. Throws ConfigError.
 */
export function createContainer(env: NodeJS.ProcessEnv): SweepContainer {
  const given = readEnv(env, [...SEALED_ENV, 'collectBatch', 'functionMemory']);
  const { collectBatch: worker, stack, table, functionMemory } = given;
  const { seals, ...surroundings } = createSealedSurroundings('sweep', env);
  const {
    maxConcurrentBatches = MAX_BATCHES,
    maxSessionsPerTarget,
    inlineBelowHosts: belowHosts = inlineBelowHostsOf(Number(functionMemory)),
  } = surroundings.loaded.config.aws ?? {};
  const invoke = createLambdaInvoke({
    client: createLambdaClient({ maxSockets: placesInAll(maxConcurrentBatches) }),
    functions: { [COLLECT_BATCH]: worker },
  });
  const here = wireWorker(surroundings);
  const ownBatches = createOwnBatches((payload, options) => collectBatch(payload, here, options), {
    atOnce: batchesIn(Number(functionMemory)),
    belowHosts,
  });
  const deps = wireSweep(surroundings, {
    invoke: sealedInvoke(invoke, { seals, addressee: { stack, table, worker } }),
    maxBatches: maxConcurrentBatches,
    maxBatchesPerTarget: maxSessionsPerTarget,
    push: true,
  });
  return { ...deps, ownBatches, presentKeys: wirePresentKeys(surroundings) };
}
