import { describe, expect, it } from 'vitest';
import { quote, toShellWord, withoutSecrets } from '../../../lib/platform/quote.ts';

describe('quote', () => {
  it("is a peer's words in one line, without control characters", () => {
    expect(quote(' one\r\n\ttwo \x1b[2Jthree\x00 ')).toBe('one two [2Jthree');
  });

  it('is as long as a message may be, and no longer', () => {
    expect(quote('x'.repeat(2_000))).toBe('x'.repeat(1_000));
    expect(quote('four words of it', 4)).toBe('four');
  });
});

describe('withoutSecrets', () => {
  it('leaves nothing of a text that repeats a secret', () => {
    expect(withoutSecrets('the password hunter2 is wrong', ['other', 'hunter2'])).toBe('');
  });

  it('leaves any other text as it is, also where a secret is empty', () => {
    expect(withoutSecrets('wrong', ['', 'hunter2'])).toBe('wrong');
  });
});

describe('a word for a shell', () => {
  it.each(['a', 'a@b.c', '/x/y-z_1', 'k=v', '1,2', '50%', 'a:b', '+1'])('is %s as it is', (word) => {
    expect(toShellWord(word)).toBe(word);
  });

  it.each([
    ['', "''"],
    ['a b', "'a b'"],
    ['*', "'*'"],
    ['a;b', "'a;b'"],
    ['DOMAIN\\user', "'DOMAIN\\user'"],
    ["it's", "'it'\\''s'"],
    ['a\n', "'a\n'"],
    ['#500', "'#500'"],
  ])('is quoted where it is more than a name: %j', (word, quoted) => {
    expect(toShellWord(word)).toBe(quoted);
  });
});
