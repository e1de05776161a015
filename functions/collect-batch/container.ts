import { readEnv } from '../../lib/config/env.ts';
import { wirePresentKeys } from '../../lib/sweep/scan/wire-present-keys.ts';
import { wireWorker } from '../../lib/sweep/wire-worker.ts';
import type { answerSealed } from '../../lib/sweep/worker/answer-sealed.ts';
import { createSealedSurroundings, SEALED_ENV } from '../surroundings.ts';

export type WorkerContainer = Parameters<typeof answerSealed>[1];

/** Everything that a worker needs, wired for AWS, where others may be able to invoke it. Throws ConfigError. */
export function createContainer(env: NodeJS.ProcessEnv): WorkerContainer {
  const { stack, table, functionName: worker } = readEnv(env, [...SEALED_ENV, 'functionName']);
  const { seals, ...surroundings } = createSealedSurroundings('collect-batch', env);
  const { state } = surroundings;
  const presentKeys = wirePresentKeys(surroundings);
  return {
    ...wireWorker(surroundings),
    presentKeys,
    trust: { seals, addressee: { stack, table, worker }, state },
  };
}
