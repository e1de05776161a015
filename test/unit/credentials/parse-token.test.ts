import { describe, expect, it } from 'vitest';
import { parseToken } from '../../../lib/credentials/parse-token.ts';

const V2 = 'nbt_abc.0123456789';

describe('a token', () => {
  it.each([
    ['as it is', `${V2}\n`],
    ['as JSON', `{"token": "${V2}"}`],
    ['as YAML', `token: ${V2}\n`],
    ['as YAML in quotes', `token: '${V2}'`],
    ['as YAML in double quotes', `token: "${V2}"`],
    ['as YAML with a tab', `token:\t${V2}`],
    ['as YAML without a space', `token:${V2}`],
    ['with space around it', `\n ${V2} \t`],
    ['as JSON with space around it', ` {"token": "${V2}"} `],
  ])('is read %s', (_, text) => {
    expect(parseToken(text, 'file:netbox')).toBe(V2);
  });

  it('has 1 to 512 characters of those that a header holds', () => {
    for (const token of ['x', 'x'.repeat(512), '!~']) expect(parseToken(token, 'file:netbox')).toBe(token);
    for (const none of ['x'.repeat(513), '\x1f', 'a\x7fb', 'ä'])
      expect(() => parseToken(none, 'file:netbox')).toThrow(
        'The credential file:netbox has no token. It must be the token itself, or {"token": …}, as text without spaces',
      );
  });

  it('that looks like YAML only further on is taken as it is written', () => {
    expect(parseToken('x-token:abc', 'file:netbox')).toBe('x-token:abc');
    expect(parseToken("token: 'abc", 'file:netbox')).toBe("'abc");
  });

  it.each([
    '',
    ' ',
    '{',
    '{"token": 7}',
    '{"password": "x"}',
    'Token secret-words',
    'two\nsecret-words',
    'token: ',
    "token: 'secret-words' x",
  ])('is not %j, and the text is not told', (text) => {
    expect(() => parseToken(text, 'file:netbox')).toThrow(
      expect.objectContaining({ code: 'malformed', credentialId: 'file:netbox' }),
    );
    expect(() => parseToken(text, 'file:netbox')).not.toThrow(/secret-words/);
  });

  it('is told to leave out the word for its scheme where it begins with one, and only there', () => {
    expect(() => parseToken('bearer abc', 'file:netbox')).toThrow(
      'has the word "bearer" before the token; leave it out',
    );
    expect(() => parseToken('my bearer abc', 'file:netbox')).toThrow('has no token');
  });

  it.each(['$TOKEN', `\${NETBOX_TOKEN}`, '<token>', 'token: <token>', '{"token": "$TOKEN"}'])(
    'is not the placeholder %j',
    (text) => {
      expect(() => parseToken(text, 'file:netbox')).toThrow(
        'or <name>. vsweep replaces none: write the token itself.',
      );
    },
  );
});
