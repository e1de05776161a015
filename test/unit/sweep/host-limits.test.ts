import { describe, expect, it } from 'vitest';
import { parseLockFailures } from '../../../lib/sweep/worker/host-limits.ts';

describe('parseLockFailures', () => {
  it('finds the limit among the advanced settings', () => {
    const options = [
      { key: 'Security.AccountUnlockTime', value: '900' },
      { key: 'Security.AccountLockFailures', value: '5' },
    ];
    expect(parseLockFailures(options)).toBe(5);
  });

  it.each([
    [undefined],
    [[]],
    ['5'],
    [[{ key: 'Security.AccountLockFailures', value: 'five' }]],
    [[{ key: 'Security.AccountLockFailures', value: '-1' }]],
  ])('knows no limit from %j', (options) => {
    expect(parseLockFailures(options)).toBeUndefined();
  });
});
