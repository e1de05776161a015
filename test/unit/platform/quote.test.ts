import { describe, expect, it } from 'vitest';
import { quote, withoutSecrets } from '../../../lib/platform/quote.ts';

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
