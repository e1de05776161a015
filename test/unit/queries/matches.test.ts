import { describe, expect, it } from 'vitest';
import { mayMatch } from '../../../lib/queries/matches.ts';

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

  it.each(['(?i)A', '\\zA', '[', '*', '\\pN', '(a+)+'])('takes %s for one that may match', (value) => {
    expect(mayMatch({ operator: '=~', value }, 'a')).toBe(true);
    expect(mayMatch({ operator: '!~', value }, 'a')).toBe(true);
  });

  it('tries no pattern that could take long', () => {
    const word = 'networkPartitionedFromMaster!';
    for (const value of [
      '(a|a)*$',
      '(.*)*x',
      '.*.*.*.*.*.*.*.*.*.*x',
      '(a|.)(a|.)'.repeat(15),
      'x'.repeat(5_000),
      'a?'.repeat(30),
    ])
      expect(mayMatch({ operator: '=~', value }, word)).toBe(true);
  });
});
