import { describe, expect, it } from 'vitest';
import { signedSecrets, toldSecrets } from '../../../lib/sinks/http/told-secrets.ts';

describe('what a destination is told and no message repeats', () => {
  it.each<[Parameters<typeof toldSecrets>[0], readonly string[]]>([
    [{ url: 'https://x/' }, []],
    [{ url: 'no url' }, []],
    [{ url: 'https://x/', credentials: { username: 'me', password: 'pw' } }, ['pw', 'bWU6cHc=']],
    [{ url: 'https://x/', token: 'short' }, ['short']],
    // Of a query and of headers, as written, as meant, and each word; none of fewer than eight letters.
    [{ url: 'https://x/?tenant=1234567' }, []],
    [{ url: 'https://x/?a=1&token=12345678' }, ['12345678']],
    [{ url: 'https://x/?12345678' }, ['12345678']],
    [{ url: 'https://x/?k=abc%20efghijkl' }, ['abc%20efghijkl', 'abc efghijkl', 'efghijkl']],
    [
      { url: 'https://x/', headers: { authorization: 'Bearer abcdefgh', tenant: 'one' } },
      ['Bearer abcdefgh', 'abcdefgh'],
    ],
  ])('of %j is %j', (told, expected) => {
    expect(new Set(toldSecrets(told))).toEqual(new Set(expected));
  });

  it('of a signature is itself, and the token of the session', () => {
    const authorization = 'AWS4-HMAC-SHA256 Credential=A/b, SignedHeaders=host, Signature=00ff';
    expect(new Set(signedSecrets({ authorization, 'x-amz-security-token': 'tok' }))).toEqual(
      new Set(['tok', '00ff']),
    );
    expect(signedSecrets({ authorization })).toEqual(['00ff']);
    expect(signedSecrets({})).toEqual([]);
  });
});
