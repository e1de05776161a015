import type { CredentialReader, TokenReader } from '../credentials/credential.ts';
import { createCredentialReader } from '../credentials/credential-reader.ts';
import { readCredentialFile } from '../credentials/read-credential-file.ts';
import { keepOne } from '../credentials/secret-reader.ts';
import type { SecretsManager } from '../credentials/secrets-manager.ts';

/** Credentials of every kind, as the commands on one machine read them. */
export function createCommandCredentials(options: {
  env: Readonly<Record<string, string | undefined>>;
  versionKey: () => Promise<Uint8Array>;
}): CredentialReader & TokenReader {
  return createCredentialReader({
    ...options,
    readFile: readCredentialFile,
    secretsManager: keepOne(loadSecretsManager),
  });
}

async function loadSecretsManager(): Promise<SecretsManager> {
  const { createSecretsManager } = await import('../credentials/secrets-manager-client.ts');
  return createSecretsManager();
}
