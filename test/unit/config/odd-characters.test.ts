import { describe, expect, it } from 'vitest';
import { codingFault, hintOf } from '../../../lib/config/odd-characters.ts';
import { unreplacedVariables } from '../../../lib/config/unreplaced-variables.ts';

/** So that no literal looks like a template. */
const DOLLAR = '$';
const SAVE = 'save it as UTF-8 (in an editor, or by iconv -t UTF-8)';

describe('a text that was saved in another coding', () => {
  it('is told to be UTF-16 by its zeros, and to be of another one by the first character that is none', () => {
    expect(codingFault('t\0a\0')).toEqual({
      path: '',
      message: `is not UTF-8, but probably UTF-16; ${SAVE}`,
    });
    const other = (line: number, column: number) => ({
      path: '',
      message: `a character is not UTF-8; ${SAVE}`,
      place: { line, column },
    });
    expect(codingFault('\ufffdx')).toEqual(other(1, 1));
    expect(codingFault('a: 1\nb: s\ufffdd\ufffd')).toEqual(other(2, 5));
  });

  it('is no fault where all of it is text', () => {
    expect(codingFault('')).toBeUndefined();
    expect(codingFault('name: Zürich\n')).toBeUndefined();
  });
});

describe('what is hard to see in a line', () => {
  const QUOTE = 'the line has a typographic quote; type \' or " in its place';
  const SPACE =
    'the line has a character that looks like a space or like nothing, and is not a space in YAML; delete it and type a space';
  const DASH = 'the line has a typographic dash; type - in its place';
  it.each([
    [QUOTE, '\u2018\u2019\u201c\u201d\u201f\u00ab\u00bb'],
    [SPACE, '\u00a0\u2000\u200b\u200f\u202f\u205f\u2060\u3000\ufeff'],
    [DASH, '\u2010\u2013\u2014\u2015\u2212'],
  ])('is called "%s" for each of %j', (told, characters) => {
    for (const character of characters)
      expect([character, hintOf(`a:${character}b`)]).toEqual([character, told]);
  });

  it('is nothing in a line of plain characters, in a comment, or in no line', () => {
    expect(hintOf(`- 'a b' "c"\t# \u201cquoted\u201d`)).toBeUndefined();
    expect(hintOf('a: b\t#\u2013')).toBeUndefined();
    expect(hintOf('# \u2013')).toBeUndefined();
    expect(hintOf()).toBeUndefined();
    // No comment without a space before it.
    expect(hintOf('a: b#\u2013')).toBe(DASH);
    expect(hintOf('a: \u2013 # b')).toBe(DASH);
  });
});

describe('a text that looks like a variable', () => {
  const MESSAGE = 'looks like a variable, and vsweep does not expand variables. Write the value itself';
  const faultsOf = (config: object) => unreplacedVariables(config);
  const isOne = (text: string) => faultsOf({ a: text }).length === 1;

  it('is one as a shell or compose writes it', () => {
    const ones = [
      '$A',
      '$_a9',
      `${DOLLAR}{A}`,
      `${DOLLAR}{_a}`,
      `x${DOLLAR}{A:-b c}y`,
      `${DOLLAR}{A9?gone}`,
      `https://${DOLLAR}{HOST}/sdk`,
      '$Zz',
      `${DOLLAR}{z}`,
    ];
    expect(ones.filter((text) => !isOne(text))).toEqual([]);
  });

  it('is none where no shell would read one', () => {
    const none = [
      '',
      '$',
      '$5',
      'a$b',
      '$a b',
      `${DOLLAR}{}`,
      `${DOLLAR}{5}`,
      `${DOLLAR}{a`,
      'S3cret$',
      '$a-b',
      '{A}',
      '$ A',
      '{{ a }}',
    ];
    expect(none.filter(isOne)).toEqual([]);
  });

  it('is told with its place, wherever it stands, but in own metrics', () => {
    const config = {
      a: [{ b: '$X' }, 'y', `${DOLLAR}{Z}`],
      c: null,
      d: 7,
      e: { f: { g: '$X' } },
      metrics: { own: '$X' },
    };
    expect(faultsOf(config)).toEqual(['a[0].b', 'a[2]', 'e.f.g'].map((path) => ({ path, message: MESSAGE })));
  });
});
