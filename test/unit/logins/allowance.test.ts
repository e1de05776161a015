import { expect, it } from 'vitest';
import { allowanceOf } from '../../../lib/logins/rules/allowance.ts';

it('allows three refusals, or 2 % of the hosts where that is more', () => {
  expect([0, 1, 199, 200, 10_000].map(allowanceOf)).toEqual([3, 3, 3, 4, 200]);
});
