import type { Credential, CredentialReader, CredentialSource } from './credential.ts';

/**
 * The credential under a version in which this very value was seen before, if there is one: a secret that was stored
 * again unchanged has a new version, and what hosts said of the value still holds. The values are compared here and
 * nowhere kept. A version that cannot be read any more (Secrets Manager drops old ones) counts as another value.
 */
export async function underKnownVersion(
  credential: Credential,
  known: { source: CredentialSource; versions: readonly (string | undefined)[]; reader: CredentialReader },
  { signal }: { signal: AbortSignal },
): Promise<Credential> {
  for (const version of known.versions) {
    if (version === undefined || version === credential.version) continue;
    const earlier = await known.reader.read(known.source, { signal, version }).catch(() => undefined);
    signal.throwIfAborted();
    if (earlier !== undefined && isSameValue(earlier, credential)) return earlier;
  }
  return credential;
}

const isSameValue = (one: Credential, other: Credential) =>
  one.username === other.username && JSON.stringify(one.proof) === JSON.stringify(other.proof);
