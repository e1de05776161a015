import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { messageOf } from '../platform/errors.ts';
import { CredentialError } from './errors.ts';

/** Made when the first secret is read: nobody without secrets loads the SDK. */
export type SecretsManagerSource = () => Promise<SecretsManager>;

type SecretsManager = Pick<SecretsManagerClient, 'send'> & {
  readonly config?: Pick<SecretsManagerClient['config'], 'region'>;
};

/** What AWS says of credentials that are no longer, or never were, good. */
const BAD_CREDENTIALS = new Set([
  'ExpiredTokenException',
  'IncompleteSignature',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'UnrecognizedClientException',
]);
/** Faults that pass by themselves although the service blames the client for them. */
const PASSING = new Set(['ThrottlingException', 'TooManyRequestsException']);

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
  client: SecretsManager,
  ask: { id: string; version: string | undefined; credentialId: string },
  { signal }: { signal: AbortSignal },
): Promise<{ text: string; version: string }> {
  const { GetSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
  const { credentialId } = ask;
  await requireRegion(client, credentialId);
  signal.throwIfAborted();
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
  const name = error instanceof Error ? error.name : 'an unknown error';
  if (!(error instanceof Error && '$fault' in error)) {
    // Not the service's own words: a fault of parsing would quote the secret, so its message is left out.
    const code = error instanceof Error && 'code' in error ? ` (${messageOf(error.code)})` : '';
    const { remedy, retryable } = advise(name);
    return new CredentialError(
      credentialId,
      `could not be read from Secrets Manager: ${name}${code}. ${remedy}`,
      { code: 'unavailable', retryable },
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
  if (BAD_CREDENTIALS.has(name)) {
    return new CredentialError(
      credentialId,
      `was refused by Secrets Manager: ${reason}. ${GIVE_CREDENTIALS}`,
      {
        code: 'unavailable',
      },
    );
  }
  const remedy = retryable
    ? 'The next run tries again.'
    : 'Check the right secretsmanager:GetSecretValue on it, and kms:Decrypt on its key.';
  return new CredentialError(credentialId, `was refused by Secrets Manager: ${reason}. ${remedy}`, {
    code: 'unavailable',
    retryable,
  });
}

const GIVE_CREDENTIALS =
  'Set valid AWS credentials: a profile (AWS_PROFILE), a role, or AWS_ACCESS_KEY_ID and ' +
  'AWS_SECRET_ACCESS_KEY.';

/** The SDK's error for a missing region has no name of its own, and its text may not be looked at: asked for apart. */
async function requireRegion({ config }: SecretsManager, credentialId: string): Promise<void> {
  try {
    await config?.region();
  } catch {
    throw new CredentialError(
      credentialId,
      'could not be read from Secrets Manager: no AWS region is set. Set AWS_REGION, or the region of the profile.',
      { code: 'unavailable' },
    );
  }
}

/** What to do about a fault before any answer, by the SDK's name for it. */
function advise(name: string): { remedy: string; retryable: boolean } {
  switch (name) {
    case 'CredentialsProviderError':
    case 'TokenProviderError':
      return { remedy: `No usable AWS credentials were found. ${GIVE_CREDENTIALS}`, retryable: false };
    case 'SyntaxError':
      return { remedy: 'The next run tries again.', retryable: true };
    default:
      return {
        remedy: 'Check AWS_REGION and the network path to Secrets Manager. The next run tries again.',
        retryable: true,
      };
  }
}
