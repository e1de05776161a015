import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePromql } from '../../../lib/queries/promql.ts';
import { hasVariable, replaceVariables } from '../../../lib/queries/variables.ts';

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
