import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { messageOf } from '../platform/errors.ts';
import { CredentialError } from './errors.ts';

/** Made when the first secret is read: nobody without secrets loads the SDK. */
export type SecretsManagerSource = () => Promise<Pick<SecretsManagerClient, 'send'>>;

const PASSING = new Set(['InternalServiceError', 'ThrottlingException', 'TooManyRequestsException']);

/** A client with bounded time-outs and attempts; region and rights come from the SDK's own sources. */
export async function createSecretsManagerClient(): Promise<SecretsManagerClient> {
  const { SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  return new SecretsManagerClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  });
}

/** One secret's text with its VersionId; the current version when none is asked for. Throws CredentialError. */
export async function readSecret(
  client: Pick<SecretsManagerClient, 'send'>,
  ask: { id: string; version: string | undefined; credentialId: string },
  { signal }: { signal: AbortSignal },
): Promise<{ text: string; version: string }> {
  const { GetSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
  const { credentialId } = ask;
  const command = new GetSecretValueCommand({ SecretId: ask.id, VersionId: ask.version });
  try {
    const { SecretString, VersionId } = await client.send(command, { abortSignal: signal });
    if (SecretString !== undefined && VersionId !== undefined)
      return { text: SecretString, version: VersionId };
  } catch (error) {
    signal.throwIfAborted();
    throw translate(error, credentialId);
  }
  throw new CredentialError(credentialId, 'is binary in Secrets Manager. Store it as text.', {
    code: 'malformed',
  });
}

function translate(error: unknown, credentialId: string): CredentialError {
  const name = error instanceof Error ? error.name : 'an unknown fault';
  if (!(error instanceof Error && '$fault' in error)) {
    // Not the service's own words: a fault of parsing would quote the secret, so its message is left out.
    const code = error instanceof Error && 'code' in error ? ` (${messageOf(error.code)})` : '';
    const retryable = name !== 'CredentialsProviderError';
    const remedy = retryable ? 'It is tried again next time.' : 'Give this process AWS credentials.';
    return new CredentialError(
      credentialId,
      `could not be read from Secrets Manager: ${name}${code}. ${remedy}`,
      {
        code: 'unavailable',
        retryable,
      },
    );
  }
  const reason = `${name}: ${error.message}`;
  if (name === 'ResourceNotFoundException' || name === 'InvalidRequestException') {
    return new CredentialError(
      credentialId,
      `is not in Secrets Manager: ${reason} Check its name and region.`,
      {
        code: 'not-found',
      },
    );
  }
  const retryable = error.$fault === 'server' || PASSING.has(name);
  const remedy = retryable
    ? 'It is tried again next time.'
    : 'Check the right secretsmanager:GetSecretValue on it, and kms:Decrypt on its key.';
  return new CredentialError(credentialId, `was refused by Secrets Manager: ${reason}. ${remedy}`, {
    code: 'unavailable',
    retryable,
  });
}
