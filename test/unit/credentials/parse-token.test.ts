import { describe, expect, it } from 'vitest';
import { parseToken } from '../../../lib/credentials/parse-token.ts';

const V2 = 'nbt_abc.0123456789';

describe('a token', () => {
  it.each([
    ['as it is', `${V2}\n`],
    ['as JSON', `{"token": "${V2}"}`],
    ['as YAML', `token: ${V2}\n`],
    ['as YAML in quotes', `token: '${V2}'`],
  ])('is read %s', (_, text) => {
    expect(parseToken(text, 'file:netbox')).toBe(V2);
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
  ])('is not %j, and the text is not told', (text) => {
    expect(() => parseToken(text, 'file:netbox')).toThrow(
      expect.objectContaining({ code: 'malformed', credentialId: 'file:netbox' }),
    );
    expect(() => parseToken(text, 'file:netbox')).not.toThrow(/secret-words/);
  });
});
