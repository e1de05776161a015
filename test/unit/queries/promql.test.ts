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

  const number = (value: number) => ({ kind: 'number', value });
  const bar = { kind: 'selector', name: 'bar', matchers: [] };
  const binary = { kind: 'binary', isBool: false, matching: undefined };

  it.each([
    ['3', number(3)],
    ['-1e3', number(-1_000)],
    ['+4', number(4)],
    ['1_000', number(1_000)],
    ['inf', number(Number.POSITIVE_INFINITY)],
    ['-Inf', number(Number.NEGATIVE_INFINITY)],
    [String.raw`"it\'s"`, { kind: 'text', value: "it's" }],
    ['time()', { kind: 'call', name: 'time', args: [] }],
    [
      'quantile_over_time(0.5, foo[5m])',
      { kind: 'call', name: 'quantile_over_time', args: [number(0.5), foo] },
    ],
    ['SUM(foo)', { kind: 'aggregate', name: 'SUM', grouping: undefined, args: [foo] }],
    [
      'topk by (a) (3, foo)',
      { kind: 'aggregate', name: 'topk', grouping: { by: true, labels: ['a'] }, args: [number(3), foo] },
    ],
    [
      'sum(foo) without ("a b")',
      { kind: 'aggregate', name: 'sum', grouping: { by: false, labels: ['a b'] }, args: [foo] },
    ],
    ['sum by () (foo)', { kind: 'aggregate', name: 'sum', grouping: { by: true, labels: [] }, args: [foo] }],
    ['-foo', { ...binary, operator: '-', left: number(0), right: foo, text: '-foo' }],
    ['foo AND bar', { ...binary, operator: 'and', left: foo, right: bar, text: 'foo AND bar' }],
    [
      'foo == bool bar',
      { ...binary, isBool: true, operator: '==', left: foo, right: bar, text: 'foo == bool bar' },
    ],
    [
      'foo unless ignoring (a) bar',
      {
        ...binary,
        operator: 'unless',
        matching: { on: false, labels: ['a'] },
        left: foo,
        right: bar,
        text: 'foo unless ignoring (a) bar',
      },
    ],
    [
      'foo * on () group_right bar',
      {
        ...binary,
        operator: '*',
        matching: { on: true, labels: [] },
        left: foo,
        right: bar,
        text: 'foo * on () group_right bar',
      },
    ],
    [
      'foo # one\n + # two\n bar',
      { ...binary, operator: '+', left: foo, right: bar, text: 'foo # one\n + # two\n bar' },
    ],
    [
      '{__name__=~"foo", a="b"}',
      {
        kind: 'selector',
        name: undefined,
        matchers: [
          { label: '__name__', operator: '=~', value: 'foo' },
          { label: 'a', operator: '=', value: 'b' },
        ],
      },
    ],
    ['{"foo bar", a=""}', { ...foo, name: 'foo bar', matchers: [{ label: 'a', operator: '=', value: '' }] }],
    ['foo @ 1609746000', foo],
    ['rate(foo[5m])[1h:5m]', { kind: 'call', name: 'rate', args: [foo] }],
  ])('reads the whole of %s', (text, expected) => {
    expect(queryOf(text)).toEqual(expected);
  });

  it.each([
    ['foo(bar', 'not PromQL: unexpected text at "(bar"'],
    ['foo bar baz and more than twenty', 'not PromQL: unexpected text at "bar baz and more tha"'],
    ['foo and  ', 'not PromQL: unexpected text at its end'],
    ['# why', 'not PromQL: unexpected text at its end'],
  ])('says where %j is none', (text, problem) => {
    expect(parsePromql(text)).toEqual({ problem });
  });

  it.each([
    'changes',
    'delta',
    'deriv',
    'double_exponential_smoothing',
    'idelta',
    'increase',
    'irate',
    'predict_linear',
    'rate',
    'resets',
    'stddev_over_time',
  ])('refuses %s of one sample, and takes it of a range', (name) => {
    const more = name === 'double_exponential_smoothing' ? ', 0.5, 0.5' : '';
    const last = name === 'predict_linear' ? ', 60' : more;
    expect(parsePromql(`${name}(foo${last})`)).toEqual({
      problem: `Prometheus refuses it: ${name} needs a range, such as x[5m]`,
    });
    expect(parsePromql(`${name}(foo[5m]${last})`)).toHaveProperty('query');
  });

  it('takes 65,536 characters and 200 levels', () => {
    const long = (length: number) => parsePromql(`foo{a="${'x'.repeat(length - 9)}"}`);
    expect(long(65_536)).toHaveProperty('query');
    expect(long(65_537)).toEqual({ problem: 'longer than 65536 characters' });
    const nested = (depth: number) => parsePromql(`${'('.repeat(depth)}foo${')'.repeat(depth)}`);
    // The query itself and its selector with the name are levels, too.
    expect(nested(197)).toHaveProperty('query');
    expect(nested(198)).toEqual({ problem: 'nested more than 200 deep' });
  });

  it.each(['foo(', 'foo and', '', '   ', 'foo{a=}', 'nosuch(foo)', 'foo[5m', '{,a="b"}'])(
    'says that %j is no PromQL',
    (text) => {
      expect(parsePromql(text)).toEqual({ problem: expect.stringContaining('not PromQL') });
    },
  );

  it('refuses what is too long or too deep, and does not fall over it', () => {
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
