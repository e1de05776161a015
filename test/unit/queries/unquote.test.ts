import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unquote } from '../../../lib/queries/unquote.ts';

describe('unquote', () => {
  it.each([
    ['"a"', 'a'],
    ["'a'", 'a'],
    ['`a`', 'a'],
    ['""', ''],
    ['"', '"'],
    ['', ''],
    ['a', 'a'],
    ['aba', 'aba'],
    ['"a', '"a'],
    ['a"', 'a"'],
    [`"a'`, `"a'`],
    [String.raw`"\a\b\f\n\r\t\v"`, '\x07\b\f\n\r\t\v'],
    [String.raw`"\\ \" \'"`, `\\ " '`],
    [String.raw`"\x41\u00e9\U0001F600\101"`, 'Aé😀A'],
    [String.raw`"\xZZ"`, 'xZZ'],
    [String.raw`"\U00110000"`, '\ufffd'],
    [String.raw`"\U0010ffff"`, '\u{10ffff}'],
    ['"a\\\nb"', 'a\nb'],
    ['`\\n`', '\\n'],
  ])('makes of %s the text %j', (written, text) => {
    expect(unquote(written)).toBe(text);
  });

  it('gives back what was quoted', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '"', '\\', 'n', '\n') }), (text) => {
        const quoted = text.replaceAll(/[\\"\n]/g, (one) => (one === '\n' ? '\\n' : `\\${one}`));
        expect(unquote(`"${quoted}"`)).toBe(text);
      }),
    );
  });
});
