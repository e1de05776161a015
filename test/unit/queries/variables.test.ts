import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePromql } from '../../../lib/queries/promql.ts';
import { hasVariable, isAnyAggregation, replaceVariables } from '../../../lib/queries/variables.ts';

describe("Grafana's variables", () => {
  it.each([
    'rate(foo[$__rate_interval])',
    `rate(foo[\${__interval}])`,
    'max_over_time(foo[$window:$__interval])',
    'foo offset $shift',
    "foo > 1 # it isn't $this\n and foo < $that",
    '# [ in a comment\nsum by ($group) (foo)',
    'foo{a="#", b="$b"} # and " there',
    `foo{job=~"$job", host=~"\${host:regex}", vm=~"[[vm]]"}`,
    "foo{job='$job'} > $threshold",
    'sum by ($group) (foo)',
    '$aggregation(foo)',
    '$aggregation by (job) (foo)',
    '$metric{job="x"}',
    `vmware_\${kind}_cpu_usage`,
    'foo[[[interval]]]',
    `foo / \${__range_s}`,
  ])('leave a query that parses: %s', (query) => {
    expect(parsePromql(replaceVariables(query))).toHaveProperty('query');
  });

  const NAME = '__grafana_variable__';

  it.each([
    ['rate(foo[$w])', 'rate(foo[5m])'],
    ['foo[$w:$__interval] offset $x', 'foo[5m:5m] offset 5m'],
    ['foo offset -$x', 'foo offset -5m'],
    ['foo[1h] > $x', `foo[1h] > ${NAME}`],
    ['foo] [$w]', 'foo] [5m]'],
    ['$f(foo)', 'sUm(foo)'],
    ['$f by (a) (foo)', 'sUm by (a) (foo)'],
    ['$f without (a) (foo)', 'sUm without (a) (foo)'],
    ['$f bypass', `${NAME} bypass`],
    ['my_$f(foo)', `my_${NAME}(foo)`],
    ['a:$f (foo)', `a:${NAME} (foo)`],
    ['$a$b', `${NAME}${NAME}`],
    ['foo{a="[", b="$x"} + $y', `foo{a="[", b="${NAME}"} + ${NAME}`],
    ['foo{a="\\"$x"} + $y', `foo{a="\\"${NAME}"} + ${NAME}`],
    ["foo{a='\"', b='$x(1)'}", `foo{a='"', b='${NAME}(1)'}`],
    ['foo{a=`\\`} > $f(b)', 'foo{a=`\\`} > sUm(b)'],
    ['# $x [ "\nrate(foo[$w])', '# $x [ "\nrate(foo[5m])'],
    ['foo # $x', 'foo # $x'],
    ['foo{a="# $x"}', `foo{a="# ${NAME}"}`],
    [`\${a:b} + [[c]]`, `${NAME} + ${NAME}`],
    [`\${${'x'.repeat(200)}}`, NAME],
    [`[[${'x'.repeat(200)}]]`, NAME],
    ['offset_x $y', `offset_x ${NAME}`],
    ["foo{a='[', b='$x'}", `foo{a='[', b='${NAME}'}`],
    ['foo{a=`[`, b=`$x`}', `foo{a=\`[\`, b=\`${NAME}\`}`],
    ['\\$x', `\\${NAME}`],
  ])('become what parses at their place: %j', (query, expected) => {
    expect(replaceVariables(query)).toBe(expected);
  });

  it.each(['$', `\${}`, '[[]]', `\${${'x'.repeat(201)}}`, `[[${'x'.repeat(201)}]]`])(
    'are not made of what only looks like one: %j',
    (query) => {
      expect(hasVariable(replaceVariables(query))).toBe(false);
    },
  );

  it('that fill the name of an aggregation are known by it', () => {
    expect([isAnyAggregation('sUm'), isAnyAggregation('sum')]).toEqual([true, false]);
  });

  it('are told apart from what was written, also in a name and in a text', () => {
    expect(hasVariable(replaceVariables(`vmware_\${kind}_cpu_usage`))).toBe(true);
    expect(hasVariable(replaceVariables('foo{a="$b"}'))).toBe(true);
    expect(hasVariable(replaceVariables('foo{a="b"}[5m]'))).toBe(false);
  });

  it('change nothing in a query that has none, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'abc{}[]()"\'`\\,=~ 5m:#\n') }), (query) => {
        fc.pre(!/\[\[[^\][]{1,200}\]\]/.test(query));
        expect(replaceVariables(query)).toBe(query);
      }),
    );
  });
});
