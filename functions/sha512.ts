import { createHash } from 'node:crypto';

/**
 * Stands in the bundles in the place of `tweetnacl`, of which bcrypt-pbkdf, which decrypts private keys, takes SHA-512
 * and nothing else of 36 KB. Writes the hash of the first `length` bytes of `message` to `out`.
 */
export const lowlevel = {
  crypto_hash(out: Uint8Array, message: Uint8Array, length: number): void {
    out.set(createHash('sha512').update(message.subarray(0, length)).digest());
  },
};
