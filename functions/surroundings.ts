import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KNOWN_COLLECTORS } from '../lib/collectors/known-collectors.ts';
import { BUNDLED_CONFIG_FILE, parseBundledConfig } from '../lib/config/bundled-config.ts';
import { readEnv } from '../lib/config/env.ts';
import { createReadSeals } from '../lib/credentials/integrity-secret.ts';
import { createSecretReader, keepOne } from '../lib/credentials/secret-reader.ts';
import type { SecretsManagerSource } from '../lib/credentials/secrets-manager.ts';
import { createSecretsManager } from '../lib/credentials/secrets-manager-client.ts';
import { systemClock } from '../lib/platform/clock.ts';
import { withHeartbeat } from '../lib/platform/heartbeat.ts';
import type { ReadSeals } from '../lib/platform/seal.ts';
import { createDeployedClient } from '../lib/state/dynamo/deployed-client.ts';
import { createDynamoTable } from '../lib/state/dynamo/table.ts';
import { createState } from '../lib/state/state.ts';
import type { Surroundings } from '../lib/sweep/surroundings.ts';
import { createFunctionLog } from './function-log.ts';

/** What of the environment every function needs; one that needs more reads all at once, so that all faults come at once. */
export const SURROUNDINGS_ENV = ['table', 'taskRoot'] as const;
/** The same for sweep and worker, which know each other's requests by the stack's integrity secret. */
export const SEALED_ENV = [...SURROUNDINGS_ENV, 'stack', 'integritySecret'] as const;

type FunctionSurroundings = Surroundings & { state: ReturnType<typeof createState> };

/**
 * What AWS gives to every function: the configuration from its bundle, the state in DynamoDB, credentials from
 * Secrets Manager. Throws ConfigError.
 */
export function createSurroundings(name: string, env: NodeJS.ProcessEnv): FunctionSurroundings {
  return surround(
    name,
    readEnv(env, SURROUNDINGS_ENV),
    keepOne(async () => createSecretsManager()),
  );
}

/** The same for a function that may read the integrity secret. Throws ConfigError. */
export function createSealedSurroundings(
  name: string,
  env: NodeJS.ProcessEnv,
): FunctionSurroundings & { seals: ReadSeals } {
  const { integritySecret: id, ...common } = readEnv(env, SEALED_ENV);
  const secretsManager = keepOne(async () => createSecretsManager());
  const seals = createReadSeals({ secretsManager, id });
  return { ...surround(name, { ...common, seals }, secretsManager), seals };
}

function surround(
  name: string,
  given: { readonly table: string; readonly taskRoot: string; readonly seals?: ReadSeals },
  secretsManager: SecretsManagerSource,
): FunctionSurroundings {
  const { table: tableName, taskRoot, ...sealed } = given;
  const clock = withHeartbeat(systemClock);
  const text = readFileSync(join(taskRoot, BUNDLED_CONFIG_FILE), 'utf8');
  return {
    loaded: parseBundledConfig(text, KNOWN_COLLECTORS),
    state: createState({
      table: createDynamoTable({ client: createDeployedClient(), tableName, clock }),
      clock,
      ...sealed,
    }),
    credentials: createSecretReader(secretsManager),
    clock,
    log: createFunctionLog({ service: name, clock }),
    randomId: () => randomUUID().replaceAll('-', ''),
    random: Math.random,
    userAgent: 'vsweep',
  };
}
