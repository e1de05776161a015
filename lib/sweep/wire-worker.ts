import pLimit from 'p-limit';
import { createOutputBudget, outputBytesOf } from '../esxi/output-budget.ts';
import { PROBES } from '../esxi/probes/registry.ts';
import { runCommand } from '../esxi/run-command.ts';
import { createTurnsOfRuns } from '../logins/trial/domain-turns.ts';
import { type Surroundings, wireSessions } from './surroundings.ts';
import type { CollectBatchDeps } from './worker/collect-batch.ts';
import { createLoginTurns } from './worker/login-turns.ts';

/** What a worker needs: `collectBatch(payload, deps)`. */
export function wireWorker(surroundings: Surroundings): CollectBatchDeps {
  const { loaded, state, credentials, clock, log, randomId } = surroundings;
  const budget = createOutputBudget(outputBytesOf());
  return {
    config: loaded.config,
    knownHosts: loaded.knownHosts,
    clock,
    log,
    randomId,
    credentials,
    records: { ...state.accounts, pin: state.hostKeys.pin },
    runCommand: (request, deps, options) => runCommand(request, { clock, budget, ...deps }, options),
    turns: createLoginTurns({ clock }),
    oneByOne: pLimit(1),
    joinKnownTurns: createTurnsOfRuns(clock),
    probes: PROBES,
    cloneSession: wireSessions(surroundings).clone,
  };
}
