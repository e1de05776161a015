import * as z from 'zod';
import type { Proof } from './credential.ts';
import { CredentialError } from './errors.ts';
import { isPlaceholder } from './placeholder.ts';

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
  literal: z.union([z.literal(true), z.literal('true')]).optional(),
});

/** What a credential may consist of. */
export const CREDENTIAL_PARTS = ['username', 'password', 'privateKey', 'passphrase', 'literal'] as const;

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

/** How a credential says that it means its characters as they are. */
const SAID_IN_FILE = 'add a key "literal" with the value true';

/** Checks the parts of a credential. Throws CredentialError `malformed`. */
export function toValue(
  parts: unknown,
  credentialId: string,
  { sayLiteral = SAID_IN_FILE }: { readonly sayLiteral?: string } = {},
): CredentialValue {
  const parsed = shape.safeParse(parts);
  if (!parsed.success) {
    // Its keys are not named: one of them may be a password in the wrong place.
    if (isMap(parts) && !Object.hasOwn(parts, 'username'))
      throw malformed(
        credentialId,
        `has no key "username", written so ("user", "login" and "Username" are not read). It must be ${SHAPES}.`,
      );
    const faulty = [...new Set(parsed.error.issues.map((issue) => String(issue.path[0] ?? '')))];
    if (faulty.includes('literal'))
      throw malformed(credentialId, 'has another value than true in: literal. Write true, or leave it out.');
    const what = faulty.includes('')
      ? 'has no keys and values'
      : `has no text, or an empty one, in: ${faulty.join(', ')}`;
    throw malformed(credentialId, `${what}. It must be ${SHAPES}.`);
  }
  const { username, password, privateKey, passphrase, literal } = parsed.data;
  if (literal === undefined) refuseUnlikely({ username, password, passphrase }, credentialId, sayLiteral);
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

/** Each of these would be sent, and refused: it would count towards the lockout of the account. */
function refuseUnlikely(
  parts: Readonly<
    Record<'username', string> & Partial<Record<'password' | 'passphrase', string | undefined>>
  >,
  credentialId: string,
  sayLiteral: string,
): void {
  const meant = `If these are its very characters, ${sayLiteral}.`;
  const [placeholder] =
    Object.entries(parts).find(([, value]) => value !== undefined && isPlaceholder(value)) ?? [];
  if (placeholder !== undefined)
    throw malformed(
      credentialId,
      `has a placeholder such as $NAME, \${NAME}, {{ name }} or <name> in: ${placeholder}. vsweep replaces none: write the value itself. ${meant}`,
    );
  if (parts.username !== parts.username.trim())
    throw malformed(
      credentialId,
      `has a blank at the beginning or the end of: username. Remove it. ${meant}`,
    );
}

const isMap = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function malformed(credentialId: string, problem: string): CredentialError {
  return new CredentialError(credentialId, problem, { code: 'malformed' });
}
