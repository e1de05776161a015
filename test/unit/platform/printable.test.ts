import { describe, expect, it } from 'vitest';
import { escapeUnseen, toPrintable } from '../../../lib/platform/printable.ts';

describe('a text for a person', () => {
  it('has a space for each character that is not seen, in one line', () => {
    expect(toPrintable('a\tb\nc\u0000d\u009be\u2028f\u2029g\u202eh\u2066i\ud800j k')).toBe(
      'a b c d e f g h i j k',
    );
  });

  it('shows them in several lines, by their code', () => {
    expect(escapeUnseen('a\tb\n\u0001\u009b\u2028\u202e')).toBe('a\tb\n\\u0001\\u009b\\u2028\\u202e');
  });
});
