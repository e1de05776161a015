import { createProcessMemory } from '../logins/history/process-memory.ts';
import { allowanceOf } from '../logins/rules/allowance.ts';
import { createLoginQueue } from '../logins/trial/guarded-login.ts';
import type { Invoke } from '../platform/invoke.ts';
import { openConfiguredSinks } from '../sinks/configured-sinks.ts';
import type { Sink } from '../sinks/sink.ts';
import type { State } from '../state/state.ts';
import { placesOf } from './dispatch/places.ts';
import { MAX_READS_OF_TARGET } from './dispatch/read-items.ts';
import { createConfiguredNetbox } from './listing/configured-netbox.ts';
import type { RunSweepDeps } from './run/run-sweep.ts';
import { createRunsUnderWay } from './run/runs-under-way.ts';
import type { SweepTargetDeps } from './run/sweep-target.ts';
import { createTurnsHere } from './run/turns-here.ts';
import { type Surroundings, wireSessions } from './surroundings.ts';

/** What a run needs: `runSweep(order, deps)`. */
export function wireSweep(
  surroundings: Surroundings & { state: State },
  run: {
    invoke: Invoke;
    /** Batches under way at once, over all targets. */
    maxBatches: number;
    /** Of them such as ask hosts, where memory has room for fewer. */
    maxAsking?: number | undefined;
    /** Of them on one target, where each has a vCenter session. */
    maxBatchesPerTarget?: number | undefined;
    /** `false`: the sinks of the configuration get nothing. */
    push: boolean;
    /** Sinks of the process, beside them. */
    sinks?: readonly Sink[] | undefined;
    dryRun?: boolean | undefined;
    onProgress?: SweepTargetDeps['onProgress'];
  },
): RunSweepDeps {
  const { loaded, state, credentials, clock, log, randomId } = surroundings;
  const { batches, reads, maxReadsOfTarget } = placesOf(run.maxBatches, run.maxAsking);
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
    turnsHere: createTurnsHere(),
    batches,
    reads,
    maxBatchesPerTarget: Math.min(maxReadsOfTarget, run.maxBatchesPerTarget ?? MAX_READS_OF_TARGET),
    sinks: [
      ...(run.push
        ? openConfiguredSinks({ ...surroundings, groups: state.groups, seriesLists: state.seriesLists })
        : []),
      ...(run.sinks ?? []),
    ],
    dryRun: run.dryRun === true,
    ...(run.onProgress === undefined ? {} : { onProgress: run.onProgress }),
  };
}
