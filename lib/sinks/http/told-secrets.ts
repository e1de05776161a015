import type { OutgoingHttpHeaders } from 'node:http';

/** A shorter word, such as the number of a tenant, is no secret, and would hide each answer that has it by chance. */
const MIN_LENGTH = 8;

interface Told {
  readonly url: string;
  readonly credentials?: { readonly username: string; readonly password: string };
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What every request tells a destination and no message may repeat: of headers and a query whatever may be a token. */
export function toldSecrets({ url, credentials, token, headers = {} }: Told): string[] {
  const { username = '', password } = credentials ?? {};
  const query = URL.parse(url)?.search.slice(1) ?? '';
  // As they are written and as they are meant.
  const written = query.split('&').map((pair) => pair.slice(pair.indexOf('=') + 1));
  const inQuery = [...written, ...new URLSearchParams(query).values()];
  // A word alone as well: of `Bearer <token>` a peer may repeat the token.
  const words = [...inQuery, ...Object.values(headers)].flatMap((text) => [text, ...text.split(/\s+/)]);
  return [
    ...(password === undefined ? [] : [password, toBasic({ username, password })]),
    ...(token === undefined ? [] : [token]),
    ...words.filter(({ length }) => length >= MIN_LENGTH),
  ];
}

/**
 * What a signature for AWS adds: the token of a session, which is in the canonical request that services answer with, and the
 * signature.
 */
export function signedSecrets(headers: OutgoingHttpHeaders): string[] {
  const signature = /Signature=(\w+)/.exec(String(headers.authorization))?.[1];
  return [headers['x-amz-security-token'], signature].filter((secret) => typeof secret === 'string');
}

export const toBasic = ({ username, password }: NonNullable<Told['credentials']>): string =>
  Buffer.from(`${username}:${password}`).toString('base64');
