import { describe, expect, it } from 'vitest';
import { accountKey, ownerOf, toHistory } from '../../../lib/state/stores/account-item.ts';

const KEY = { pk: 'account#root', sk: 'esx01' };

describe('an item of an account', () => {
  it('is read with no refusals where none are written', () => {
    expect(toHistory({ ...KEY, user: 'root', address: 'esx01' })).toEqual({
      user: 'root',
      address: 'esx01',
      refusals: 0,
      refusedVersions: [],
    });
  });

  it('is read with more refusals than anybody should see: a lost batch of a domain account counts each of its hosts', () => {
    const refusedVersions = Array.from({ length: 300 }, () => 'v1');
    const item = { ...KEY, user: 'root', address: '*', refusals: 300, refusedVersions };
    expect(toHistory(item)).toMatchObject({ refusals: 300, refusedVersions });
  });

  it('that cannot be counted on is named, not guessed at', () => {
    for (const fault of [
      { refusals: -1 },
      { refusals: 'many' },
      { refusedVersions: 'v1' },
      { openAttempt: { version: 'v1' } },
      { hostLimit: 1.5 },
    ]) {
      expect(() => toHistory({ ...KEY, user: 'root', address: 'esx01', ...fault })).toThrow('esx01');
    }
  });

  it('is one for every spelling of a user and an address', () => {
    expect(accountKey('DOM\\Root', 'ESX01.Example.org.')).toEqual(
      accountKey('dom\\root', 'esx01.example.org'),
    );
    expect(ownerOf('Root', 'ESX01')).toEqual({ user: 'root', address: 'esx01' });
  });
});
