import { describe, expect, it } from 'vitest';
import { isBroken, mayMatch } from '../../../lib/queries/matches.ts';

describe('mayMatch', () => {
  it.each([
    ['=', 'a', 'a', true],
    ['=', 'a', 'b', false],
    ['!=', 'a', 'a', false],
    ['=~', 'a|b.*', 'bc', true],
    ['=~', 'a', 'ab', false],
    ['=~', '', '', true],
    ['=~', '', 'a', false],
    ['=~', '.+', '', false],
    ['!~', '.*', 'a', false],
    ['!~', 'a|b', 'c', true],
    ['=~', '(not|dis).*', 'disconnected', true],
    ['=~', '(not|dis)[a-z]+', 'connected', false],
  ] as const)('knows %s %j of %j: %s', (operator, value, label, expected) => {
    expect(mayMatch({ operator, value }, label)).toBe(expected);
  });

  it("reads patterns as Prometheus does, in RE2's syntax", () => {
    expect(mayMatch({ operator: '=~', value: '(?i)A' }, 'a')).toBe(true);
    expect(mayMatch({ operator: '=~', value: '\\pN' }, 'a')).toBe(false);
    expect(mayMatch({ operator: '=~', value: 'a|b' }, 'ab')).toBe(false);
  });

  it.each(['[', '*', '(?=a)b', 'x'.repeat(5_000)])(
    'takes what is no pattern for one that may match: %s',
    (value) => {
      expect(mayMatch({ operator: '=~', value }, 'a')).toBe(true);
      expect(mayMatch({ operator: '!~', value }, 'a')).toBe(true);
    },
  );

  it.each(['(a|a)*$', '(.*)*x', `${'.*'.repeat(50)}x`, '(a|.)(a|.)'.repeat(50), 'a?'.repeat(500), '(a+)+b'])(
    'has an answer for a pattern that could take a backtracking engine for ever: %s',
    (value) => {
      expect(mayMatch({ operator: '=~', value }, `${'a'.repeat(60)}!`)).toBe(false);
    },
  );
});

describe('isBroken', () => {
  it.each([
    ['=~', '[', true],
    ['!~', '(?=a)b', true],
    ['=~', 'a|b', false],
    // A text is no pattern.
    ['=', '[', false],
    ['!=', '[', false],
    // Nobody knows what a variable holds.
    ['=~', '[__grafana_variable__', false],
    ['=~', '['.repeat(4_096), true],
    ['=~', '['.repeat(4_097), false],
  ] as const)('says of %s %j that Prometheus cannot compile it: %s', (operator, value, expected) => {
    expect(isBroken({ operator, value })).toBe(expected);
  });
});
