import pLimit from 'p-limit';
import { createProcessMemory } from '../logins/history/process-memory.ts';
import { allowanceOf } from '../logins/rules/allowance.ts';
import { createLoginQueue } from '../logins/trial/guarded-login.ts';
import type { Invoke } from '../platform/invoke.ts';
import type { State } from '../state/state.ts';
import { createConfiguredNetbox } from './listing/configured-netbox.ts';
import { createConfiguredPushgateway } from './result/configured-pushgateway.ts';
import type { RunSweepDeps } from './run/run-sweep.ts';
import { createRunsUnderWay } from './run/runs-under-way.ts';
import type { SweepTargetDeps } from './run/sweep-target.ts';
import { type Surroundings, wireSessions } from './surroundings.ts';

/** What a run needs: `runSweep(order, deps)`. */
export function wireSweep(
  surroundings: Surroundings & { state: State },
  run: {
    invoke: Invoke;
    /** Batches under way at once, over all targets. */
    maxBatches: number;
    /** Of them on one target, where each has a vCenter session. */
    maxBatchesPerTarget?: number | undefined;
    push: boolean;
    dryRun?: boolean | undefined;
    exporter?: SweepTargetDeps['exporter'];
    onProgress?: SweepTargetDeps['onProgress'];
  },
): RunSweepDeps {
  const { loaded, state, credentials, clock, log, randomId } = surroundings;
  const memory = createProcessMemory(state, { now: () => clock.now() });
  return {
    ...state,
    ...memory.stores,
    memory,
    config: loaded.config,
    knownHosts: loaded.knownHosts,
    clock,
    log,
    randomId,
    random: surroundings.random,
    credentials,
    blacklistMinutes: loaded.config.blacklist.minutes,
    allowanceOf,
    logins: createLoginQueue(),
    login: wireSessions(surroundings).login,
    invoke: run.invoke,
    startActiveDevices: createConfiguredNetbox(surroundings),
    underWay: createRunsUnderWay(),
    batches: pLimit(run.maxBatches),
    maxBatchesPerTarget: run.maxBatchesPerTarget,
    pushgateway: run.push ? createConfiguredPushgateway(surroundings) : undefined,
    exporter: run.exporter,
    dryRun: run.dryRun === true,
    ...(run.onProgress === undefined ? {} : { onProgress: run.onProgress }),
  };
}
