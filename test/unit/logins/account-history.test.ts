import { describe, expect, it } from 'vitest';
import { isProven } from '../../../lib/logins/rules/seen-account.ts';
import type { AccountHistory } from '../../../lib/state/stores/account-history.ts';

const proven: AccountHistory = {
  user: 'root',
  address: 'esx01',
  refusals: 0,
  refusedVersions: [],
  provenVersion: 'v1',
};

describe('isProven', () => {
  it('is true of the version that was accepted last, with nothing since', () => {
    expect(isProven(proven, 'v1')).toBe(true);
  });

  it.each<[string, AccountHistory | undefined]>([
    ['another version was accepted', { ...proven, provenVersion: 'v2' }],
    ['it was refused since', { ...proven, refusals: 1, refusedVersions: ['v1'] }],
    ['a login has no end yet', { ...proven, openAttempt: { version: 'v1', at: 1 } }],
    ['nothing is known', undefined],
  ])('is false when %s', (_when, history) => {
    expect(isProven(history, 'v1')).toBe(false);
  });
});
