import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/**
 * Tags by which a holder of a deployment's integrity secret knows what another holder wrote: HMAC-SHA256 (RFC 2104)
 * with a key of its own for each use, derived by HKDF-SHA256 (RFC 5869). Pure.
 */
export interface Seal {
  /** The tag over parts in this order: 43 characters of base64url. */
  tagOf(parts: readonly SealedPart[]): string;
  /** Whether the tag is that of these parts, in a time that does not depend on how much of it is right. */
  fits(tag: string, parts: readonly SealedPart[]): boolean;
}

export type SealedPart = string | Uint8Array;

/** What a key is for; a changed encoding takes a new version. */
export type SealUse = 'batch/v1' | 'state/v1';

export interface Seals {
  readonly batch: Seal;
  readonly state: Seal;
}

/** The secret is read when it is first needed. Rejects when it cannot be read, or with the signal's reason. */
export type ReadSeals = (options: { signal: AbortSignal }) => Promise<Seals>;

export const createSeals = (secret: string): Seals => ({
  batch: createSeal(secret, 'batch/v1'),
  state: createSeal(secret, 'state/v1'),
});

const KEY_BYTES = 32;

export function createSeal(secret: string, use: SealUse): Seal {
  const key = Buffer.from(hkdfSync('sha256', secret, '', use, KEY_BYTES));
  const tagOf = (parts: readonly SealedPart[]): string => {
    const hmac = createHmac('sha256', key);
    hmac.update(lengthOf(parts.length));
    for (const part of parts) {
      const bytes = typeof part === 'string' ? Buffer.from(part) : part;
      hmac.update(lengthOf(bytes.length)).update(bytes);
    }
    return hmac.digest('base64url');
  };
  return {
    tagOf,
    fits(tag, parts) {
      // As text: base64 can write the same bytes in several ways.
      const wanted = Buffer.from(tagOf(parts));
      const given = Buffer.from(tag);
      return given.length === wanted.length && timingSafeEqual(given, wanted);
    },
  };
}

/** Before each part, so that no two lists of parts are the same bytes. */
function lengthOf(count: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(count));
  return bytes;
}
