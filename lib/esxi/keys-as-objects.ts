import { createSecretKey } from 'node:crypto';
import type { Client } from 'ssh2';

/** Where ssh2 1.17 keeps what it encrypts, decrypts and authenticates packets with: AES-GCM, and AES-CTR with HMAC. */
export const KEY_PLACES = [
  ['_cipher', '_encKey'],
  ['_decipher', '_decipherKey'],
  ['_cipher', '_macKey'],
  ['_decipher', '_macKey'],
] as const;

/**
 * Makes key objects of the keys of a connection, after each exchange of them. ssh2 gives them to Node as bytes, anew for
 * each packet, of which a login and a command have some twenty, and Node 24 finds out by two exceptions that bytes are no
 * key object: 0.4 ms a host together (docs/performance.md). A key that is not where it was expected stays bytes, which
 * Node takes as well.
 */
export function keepKeysAsObjects(client: Client): void {
  const { _protocol: protocol } = client as { _protocol?: Record<string, Record<string, unknown>> };
  for (const [part, field] of KEY_PLACES) {
    const holder = protocol?.[part];
    const key = holder?.[field];
    if (holder !== undefined && key instanceof Uint8Array) holder[field] = createSecretKey(key);
  }
}
