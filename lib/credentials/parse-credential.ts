import * as z from 'zod';
import type { Proof } from './credential.ts';
import { CredentialError } from './errors.ts';

/** A credential before it has an id and a version. */
export interface CredentialValue {
  readonly username: string;
  readonly proof: Proof;
}

const text = z.string().min(1);
const shape = z.object({
  username: text,
  password: text.optional(),
  privateKey: text.optional(),
  passphrase: text.optional(),
});

/** What a credential may consist of. */
export const CREDENTIAL_PARTS = ['username', 'password', 'privateKey', 'passphrase'] as const;

export const SHAPES = '{"username", "password"} or {"username", "privateKey", "passphrase"?}';

/** Reads a secret's text. Throws CredentialError `malformed`. */
export function parseCredentialJson(json: string, credentialId: string): CredentialValue {
  let parts: unknown;
  try {
    parts = JSON.parse(json);
  } catch {
    // What the parser says quotes the secret and is not passed on.
    throw malformed(credentialId, `is not JSON. It must be ${SHAPES}.`);
  }
  return toValue(parts, credentialId);
}

/** Checks the parts of a credential. Throws CredentialError `malformed`. */
export function toValue(parts: unknown, credentialId: string): CredentialValue {
  const parsed = shape.safeParse(parts);
  if (!parsed.success) {
    // Its keys are not named: one of them may be a password in the wrong place.
    if (isMap(parts) && !Object.hasOwn(parts, 'username'))
      throw malformed(
        credentialId,
        `has no key "username", written so ("user", "login" and "Username" are not read). It must be ${SHAPES}.`,
      );
    const faulty = [...new Set(parsed.error.issues.map((issue) => String(issue.path[0] ?? '')))];
    const what = faulty.includes('')
      ? 'has no keys and values'
      : `has no text, or an empty one, in: ${faulty.join(', ')}`;
    throw malformed(credentialId, `${what}. It must be ${SHAPES}.`);
  }
  const { username, password, privateKey, passphrase } = parsed.data;
  if (password !== undefined && privateKey !== undefined) {
    throw malformed(
      credentialId,
      'has both a password and a private key. Remove one: only one is ever tried.',
    );
  }
  if (password !== undefined) return { username, proof: { kind: 'password', password } };
  if (privateKey === undefined) {
    throw malformed(
      credentialId,
      `has no key "password" or "privateKey", written so ("pass" and "private_key" are not read). It must be ${SHAPES}.`,
    );
  }
  const withPassphrase = passphrase === undefined ? {} : { passphrase };
  return { username, proof: { kind: 'private-key', privateKey, ...withPassphrase } };
}

const isMap = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function malformed(credentialId: string, problem: string): CredentialError {
  return new CredentialError(credentialId, problem, { code: 'malformed' });
}
