import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { hsalsa, xsalsa20poly1305 } from '@noble/ciphers/salsa.js';

/**
 * The boxes of CURVE (RFC 26), which are NaCl's `crypto_box`: X25519 of Node's OpenSSL, then XSalsa20 and Poly1305, which
 * OpenSSL does not have.
 */
export interface KeyPair {
  readonly publicKey: Buffer;
  readonly secret: KeyObject;
}

export const KEY_BYTES = 32;
/** What a box has more than its content. */
export const BOX_BYTES = 16;

/** The DER of an X25519 key before its 32 bytes (RFC 8410). */
const SECRET_DER = Buffer.from('302e020100300506032b656e04220420', 'hex');
const PUBLIC_DER = Buffer.from('302a300506032b656e032100', 'hex');

export function newKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  return { publicKey: publicBytesOf(publicKey), secret: privateKey };
}

/** For the file of a key. */
export function secretBytesOf({ secret }: KeyPair): Buffer {
  return Buffer.from(secret.export({ format: 'der', type: 'pkcs8' }).subarray(SECRET_DER.length));
}

export function toKeyPair(secretBytes: Uint8Array): KeyPair {
  const secret = createPrivateKey({
    key: Buffer.concat([SECRET_DER, secretBytes]),
    format: 'der',
    type: 'pkcs8',
  });
  return { publicKey: publicBytesOf(createPublicKey(secret)), secret };
}

const publicBytesOf = (key: KeyObject): Buffer =>
  Buffer.from(key.export({ format: 'der', type: 'spki' }).subarray(PUBLIC_DER.length));

/** The key of boxes between two pairs of keys. Throws for a public key of low order. */
export function sharedKey(publicKey: Uint8Array, { secret }: KeyPair): Uint8Array {
  const key = createPublicKey({ key: Buffer.concat([PUBLIC_DER, publicKey]), format: 'der', type: 'spki' });
  const agreed = new Uint8Array(diffieHellman({ privateKey: secret, publicKey: key }));
  const derived = new Uint32Array(KEY_BYTES / 4);
  hsalsa(SIGMA, new Uint32Array(agreed.buffer), new Uint32Array(4), derived);
  return new Uint8Array(derived.buffer);
}

/** "expand 32-byte k" as words. */
const SIGMA = new Uint32Array(new TextEncoder().encode('expand 32-byte k').buffer);

export const seal = (key: Uint8Array, nonce: Uint8Array, content: Uint8Array): Buffer =>
  asBuffer(xsalsa20poly1305(key, nonce).encrypt(content));

/** Undefined when it was not sealed with this key and nonce. */
export function openBox(key: Uint8Array, nonce: Uint8Array, box: Uint8Array): Buffer | undefined {
  try {
    return asBuffer(xsalsa20poly1305(key, nonce).decrypt(box));
  } catch {
    return undefined;
  }
}

const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
