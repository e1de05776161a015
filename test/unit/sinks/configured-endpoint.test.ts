import { describe, expect, it } from 'vitest';
import { readEndpoint, readTokenEndpoint } from '../../../lib/sinks/http/configured-endpoint.ts';

const { signal } = new AbortController();

describe('where a section of the configuration sends to', () => {
  const credentialsOf = (proof: object) =>
    ({
      read: async () => ({ username: 'me', proof, version: '1' }),
      readToken: async () => 'tok',
    }) as never;
  const password = credentialsOf({ kind: 'password', password: 'pw' });
  const section = { url: 'https://x/' };
  const named = { ...section, credentials: { env: 'X' } };
  const loaded = {} as never;

  it.each<[object, never, object]>([
    [section, password, { url: 'https://x/' }],
    [named, password, { url: 'https://x/', credentials: { username: 'me', password: 'pw' } }],
    [
      named,
      credentialsOf({ kind: 'private-key', privateKey: 'pem' }),
      { url: 'https://x/', identity: { pem: 'pem' } },
    ],
    [
      named,
      credentialsOf({ kind: 'private-key', privateKey: 'pem', passphrase: 'pp' }),
      { url: 'https://x/', identity: { pem: 'pem', passphrase: 'pp' } },
    ],
  ])('is of %j %s', async (one, credentials, expected) => {
    expect(await readEndpoint(one as never, { loaded, credentials }, { signal })).toStrictEqual(expected);
    expect(await readTokenEndpoint(one as never, { loaded, credentials }, { signal })).toStrictEqual(
      expected,
    );
    const token = { ...one, token: { env: 'T' } } as never;
    expect(await readTokenEndpoint(token, { loaded, credentials }, { signal })).toStrictEqual({
      ...expected,
      token: 'tok',
    });
  });
});
