import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KNOWN_COLLECTORS } from '../lib/collectors/known-collectors.ts';
import { BUNDLED_CONFIG_FILE, parseBundledConfig } from '../lib/config/bundled-config.ts';
import { readEnv } from '../lib/config/env.ts';
import { createSecretReader, keepOne } from '../lib/credentials/secret-reader.ts';
import { createSecretsManagerClient } from '../lib/credentials/secrets-manager.ts';
import { systemClock } from '../lib/platform/clock.ts';
import { createDeployedClient } from '../lib/state/deployed-client.ts';
import { createState } from '../lib/state/state.ts';
import type { Surroundings } from '../lib/sweep/surroundings.ts';
import { createFunctionLog } from './function-log.ts';

/** What of the environment every function needs; one that needs more reads all at once, so that all faults come at once. */
export const SURROUNDINGS_ENV = ['table', 'taskRoot'] as const;

/**
 * What AWS gives to every function: the configuration from its bundle, the state in DynamoDB, credentials from
 * Secrets Manager. Throws ConfigError.
 */
export function createSurroundings(
  name: string,
  env: NodeJS.ProcessEnv,
): Surroundings & { state: ReturnType<typeof createState> } {
  const { table, taskRoot } = readEnv(env, SURROUNDINGS_ENV);
  const text = readFileSync(join(taskRoot, BUNDLED_CONFIG_FILE), 'utf8');
  return {
    loaded: parseBundledConfig(text, KNOWN_COLLECTORS),
    state: createState({ client: createDeployedClient(), tableName: table, clock: systemClock }),
    credentials: createSecretReader(keepOne(createSecretsManagerClient)),
    clock: systemClock,
    log: createFunctionLog(name),
    randomId: () => randomUUID().replaceAll('-', ''),
    random: Math.random,
    userAgent: 'vsweep',
  };
}
