import { createHmac } from 'node:crypto';
import type { CredentialValue } from './parse-credential.ts';

const VERSION_BYTES = 16;

/**
 * The version of a credential whose source knows none: the first 16 bytes, as hex, of an HMAC-SHA-256 of its value.
 * Without the key nothing can be learnt from it, not even by guessing passwords.
 */
export function versionOf({ username, proof }: CredentialValue, key: Uint8Array): string {
  const canonical =
    proof.kind === 'password'
      ? [username, proof.kind, proof.password]
      : [username, proof.kind, proof.privateKey, proof.passphrase ?? null];
  const digest = createHmac('sha256', key).update(JSON.stringify(canonical)).digest();
  return digest.subarray(0, VERSION_BYTES).toString('hex');
}
