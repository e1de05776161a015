import pLimit from 'p-limit';
import { type LoadedConfig, toTrust } from '../config/loaded-config.ts';
import type { CredentialReader } from '../credentials/credential.ts';
import { runCommand } from '../esxi/run-command.ts';
import { createLoginQueue } from '../lockout/guarded-login.ts';
import type { Clock } from '../platform/clock.ts';
import type { Invoke } from '../platform/invoke.ts';
import type { Log } from '../platform/log.ts';
import type { State } from '../state/state.ts';
import type { CollectBatchDeps } from './collect-batch.ts';
import { createConfiguredPushgateway } from './configured-pushgateway.ts';
import type { SweepTargetDeps } from './sweep-target.ts';
import { createVsphereSessions } from './vsphere-sessions.ts';

/** What differs between one machine and AWS; the rest is wired alike, here. */
export interface Surroundings {
  readonly loaded: LoadedConfig;
  readonly state: Pick<State, 'accounts' | 'hostKeys'>;
  readonly credentials: CredentialReader;
  readonly clock: Clock;
  readonly log: Log;
  readonly randomId: () => string;
  /** 0 to 1. */
  readonly random: () => number;
  /** `vsweep/<version>`. */
  readonly userAgent: string;
}

/** What a worker needs: `collectBatch(payload, deps)`. */
export function wireWorker(surroundings: Surroundings): CollectBatchDeps {
  const { loaded, state, credentials, clock, log, randomId } = surroundings;
  return {
    config: loaded.config,
    clock,
    log,
    randomId,
    credentials,
    records: {
      recordRefusal: state.accounts.recordRefusal,
      recordSuccess: state.accounts.recordSuccess,
      pin: state.hostKeys.pin,
    },
    runCommand: (request, deps, options) => runCommand(request, { clock, ...deps }, options),
    cloneSession: wireSessions(surroundings).clone,
  };
}

/** What a run needs: `runSweep(order, deps)`. */
export function wireSweep(
  surroundings: Surroundings & { state: State },
  run: {
    invoke: Invoke;
    /** Batches under way at once, over all targets. */
    maxBatches: number;
    push: boolean;
    exporter?: SweepTargetDeps['exporter'];
    onProgress?: SweepTargetDeps['onProgress'];
  },
): SweepTargetDeps {
  const { loaded, state, credentials, clock, log, randomId } = surroundings;
  return {
    ...state,
    config: loaded.config,
    clock,
    log,
    randomId,
    credentials,
    blacklistMinutes: loaded.config.blacklist.minutes,
    logins: createLoginQueue(),
    login: wireSessions(surroundings).login,
    invoke: run.invoke,
    batches: pLimit(run.maxBatches),
    pushgateway: run.push ? createConfiguredPushgateway(surroundings) : undefined,
    exporter: run.exporter,
    ...(run.onProgress === undefined ? {} : { onProgress: run.onProgress }),
  };
}

const wireSessions = ({ loaded, ...deps }: Surroundings) =>
  createVsphereSessions({ ...deps, trustOf: ({ tls }) => toTrust(tls, loaded) });
