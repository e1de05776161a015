import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePromql, type Query } from '../../../lib/queries/promql.ts';

const queryOf = (text: string): Query => {
  const parsed = parsePromql(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.query;
};
const foo = { kind: 'selector', name: 'foo', matchers: [] };

describe('parsePromql', () => {
  it.each([
    ['foo', foo],
    ['{__name__="foo"}', foo],
    ['{"foo"}', foo],
    ['((foo)) # why', foo],
    ['foo[5m] offset 1h', foo],
    ['foo[5m:1m] @ end()', foo],
    ['+foo', foo],
    ['-0x1F', { kind: 'number', value: -31 }],
    ['-Inf', { kind: 'number', value: Number.NEGATIVE_INFINITY }],
  ])('reads %s', (text, expected) => {
    expect(queryOf(text)).toEqual(expected);
  });

  it('reads matchers in all quotes, with their escapes', () => {
    expect(queryOf(`foo{a="x\\"\\u00e9", b!='y\\\\d', c=~\`z\\d\`, "d e"!~"f"}`)).toMatchObject({
      matchers: [
        { label: 'a', operator: '=', value: 'x"é' },
        { label: 'b', operator: '!=', value: 'y\\d' },
        { label: 'c', operator: '=~', value: 'z\\d' },
        { label: 'd e', operator: '!~', value: 'f' },
      ],
    });
  });

  it('reads how sides are joined and grouped', () => {
    expect(queryOf('sum by (a, b) (foo) / on (a) group_left (c) foo > bool 3')).toMatchObject({
      operator: '>',
      isBool: true,
      left: {
        operator: '/',
        matching: { on: true, labels: ['a'] },
        left: { kind: 'aggregate', name: 'sum', grouping: { by: true, labels: ['a', 'b'] }, args: [foo] },
        right: foo,
      },
      right: { kind: 'number', value: 3 },
    });
    expect(queryOf('count without (a) (foo)')).toMatchObject({ grouping: { by: false, labels: ['a'] } });
  });

  it.each(['foo(', 'foo and', '', '   ', 'foo{a=}', 'nosuch(foo)', 'foo[5m', '{,a="b"}'])(
    'says that %j is no PromQL',
    (text) => {
      expect(parsePromql(text)).toEqual({ problem: expect.stringContaining('not PromQL') });
    },
  );

  it('refuses what is too long or too deep, and does not fall over it', () => {
    expect(parsePromql('x'.repeat(70_000))).toEqual({ problem: expect.stringContaining('longer') });
    expect(parsePromql(`${'('.repeat(1_000)}x${')'.repeat(1_000)}`)).toEqual({
      problem: expect.stringContaining('deep'),
    });
    expect(parsePromql(`${'('.repeat(30_000)}x${')'.repeat(30_000)}`)).toHaveProperty('problem');
    expect(parsePromql(Array.from({ length: 500 }, () => 'x').join(' + '))).toEqual({
      problem: expect.stringContaining('deep'),
    });
  });

  it('has an answer for any text', () => {
    const piece = fc.constantFrom(
      'foo',
      '{',
      '}',
      '(',
      ')',
      '[5m]',
      '"a"',
      '=',
      '=~',
      ',',
      ' and ',
      '-',
      'sum',
      ' by ',
      '1',
      '@',
      '\\',
      '\u0000',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const parsed = parsePromql(pieces.join(''));
        expect('query' in parsed || parsed.problem !== '').toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
