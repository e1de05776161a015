import { describe, expect, it } from 'vitest';
import { hostsOfLimits, isNews, parseHostLimits } from '../../../lib/sweep/run/host-limits.ts';
import { batchHost } from './builders.ts';

describe('parseHostLimits', () => {
  it('finds limit and unlock time among the advanced settings', () => {
    const options = [
      { key: 'Security.AccountUnlockTime', value: '900' },
      { key: 'Annotations.WelcomeMessage', value: '' },
      { key: 'Security.AccountLockFailures', value: '5' },
    ];
    expect(parseHostLimits(options)).toEqual({ hostLimit: 5, unlockSeconds: 900 });
  });

  it.each([
    [undefined],
    [[]],
    ['5'],
    [[{ key: 'Security.AccountLockFailures', value: 'five' }]],
    [[{ key: 'Security.AccountLockFailures', value: '-1' }]],
    [[{ key: 'Security.AccountUnlockTime', value: '1e3' }]],
    [[{ key: 'Security.AccountUnlockTime', value: '9'.repeat(10) }]],
  ])('knows nothing from %j', (options) => {
    expect(parseHostLimits(options)).toEqual({});
  });

  it('goes by one of them when the other is not a number', () => {
    const options = [
      { key: 'Security.AccountLockFailures', value: '3' },
      { key: 'Security.AccountUnlockTime', value: 'never' },
    ];
    expect(parseHostLimits(options)).toEqual({ hostLimit: 3 });
  });
});

it('writes down what is news only: one that was not read again is not', () => {
  const known = { hostLimit: 5, unlockSeconds: 900 };
  expect(isNews(known, known)).toBe(false);
  expect(isNews({ hostLimit: 5 }, known)).toBe(false);
  expect(isNews({}, {})).toBe(false);
  expect(isNews({ hostLimit: 3, unlockSeconds: 900 }, known)).toBe(true);
  expect(isNews({ hostLimit: 5, unlockSeconds: 0 }, known)).toBe(true);
  expect(isNews({ unlockSeconds: 900 }, { hostLimit: 5 })).toBe(true);
});

describe('hostsOfLimits', () => {
  const holding = (number: number, hostLimit?: number) =>
    batchHost(number, { account: { refusals: 1, ...(hostLimit === undefined ? {} : { hostLimit }) } });

  it('are those that hold refusals or a login without an end', () => {
    const open = batchHost(3, { account: { refusals: 0, openAttempt: { version: 'v1', at: 0 } } });
    expect(hostsOfLimits([batchHost(1), holding(2), open]).map(({ moref }) => moref)).toEqual([
      'host-2',
      'host-3',
    ]);
  });

  it('begin with those whose limit was never read, so that each of a large batch has its turn', () => {
    const read = Array.from({ length: 50 }, (_, index) => holding(index + 1, 5));
    const unread = [holding(51), holding(52)];
    const asked = hostsOfLimits([...read, ...unread]).map(({ moref }) => moref);
    expect(asked).toHaveLength(50);
    expect(asked.slice(0, 3)).toEqual(['host-51', 'host-52', 'host-1']);
  });
});
