import { messageOf } from '../platform/errors.ts';
import { CredentialError } from './errors.ts';

/** Made when the first secret is read: nobody without secrets loads the SDK. */
export type SecretsManagerSource = () => Promise<SecretsManager>;

/** What is needed of the SDK (secrets-manager-client.ts), which commands load when they need it and functions at once. */
export interface SecretsManager {
  /** The current version when none is asked for. Rejects with what the SDK throws. */
  getSecretValue(
    ask: { readonly SecretId: string; readonly VersionId: string | undefined },
    options: { signal: AbortSignal },
  ): Promise<{ readonly SecretString?: string | undefined; readonly VersionId?: string | undefined }>;
  /** Rejects when no region is set. */
  region(): Promise<unknown>;
}

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

/** One secret's text with its VersionId; the current version when none is asked for. Throws CredentialError. */
export async function readSecret(
  secretsManager: SecretsManager,
  ask: { id: string; version: string | undefined; credentialId: string },
  { signal }: { signal: AbortSignal },
): Promise<{ text: string; version: string }> {
  const { credentialId } = ask;
  await requireRegion(secretsManager, credentialId);
  signal.throwIfAborted();
  const wanted = { SecretId: ask.id, VersionId: ask.version };
  try {
    const { SecretString, VersionId } = await secretsManager.getSecretValue(wanted, { signal });
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
async function requireRegion(secretsManager: SecretsManager, credentialId: string): Promise<void> {
  try {
    await secretsManager.region();
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
