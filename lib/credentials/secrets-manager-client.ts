import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SecretsManager } from './secrets-manager.ts';

/** A client with bounded time-outs and attempts; region and rights come from the SDK's own sources. */
export const createSecretsManagerClient = (): SecretsManagerClient =>
  new SecretsManagerClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  });

/** Secrets Manager by the SDK; by default by a client of its own. */
export const createSecretsManager = (client = createSecretsManagerClient()): SecretsManager => ({
  getSecretValue: (ask, { signal }) => client.send(new GetSecretValueCommand(ask), { abortSignal: signal }),
  region: () => client.config.region(),
});
