import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasColours, paint } from '../../../lib/cli/colour.ts';
import { escapeUnseen, toPrintable } from '../../../lib/platform/printable.ts';

const UNSEEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
/** Any text, and often what a terminal may act upon. */
const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\u001b[2J', '\u009b', '\u202e', '\n', '\t', '\ud800'),
    ),
  )
  .map((parts) => parts.join(''));

describe('what a peer sent', () => {
  it('is one line without anything that is not seen in a cell', () => {
    fc.assert(fc.property(text, (one) => !UNSEEN.test(toPrintable(one))));
  });

  it('shows in a text what is not seen, keeps its lines, and is the same value in JSON', () => {
    fc.assert(
      fc.property(text, (one) => {
        const shown = escapeUnseen(one);
        expect(UNSEEN.test(shown.replaceAll(/[\n\t]/g, ''))).toBe(false);
        expect(shown.split('\n')).toHaveLength(one.split('\n').length);
        expect(JSON.parse(escapeUnseen(JSON.stringify({ one })))).toEqual({ one });
      }),
    );
    expect(escapeUnseen('esx\u009b2J\u202egpj')).toBe('esx\\u009b2J\\u202egpj');
  });
});

describe('colours', () => {
  it.each([
    [{ isTTY: true }, {}, true],
    [{ isTTY: true }, { NO_COLOR: '' }, true],
    [{ isTTY: true }, { NO_COLOR: '1' }, false],
    [{ isTTY: true }, { TERM: 'dumb' }, false],
    [{ isTTY: false }, {}, false],
  ])('are there where %j with %j: %j', (stream, env, expected) => {
    expect(hasColours(stream, env)).toBe(expected);
  });

  it('are those of outcomes and of lines that say what is wrong', () => {
    expect(paint('esx1  ok  failed(auth)\nproblem: slow')).toBe(
      'esx1  ok  \u001b[31mfailed(auth)\u001b[39m\n\u001b[31mproblem:\u001b[39m slow',
    );
    expect(paint('a problem: nothing')).toBe('a problem: nothing');
  });
});
