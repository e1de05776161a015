import { describe, expect, it } from 'vitest';
import { isProven, seenOf } from '../../../lib/logins/rules/seen-account.ts';
import { history } from '../sweep/builders.ts';

describe('seenOf', () => {
  it('is what a login has to find unchanged: refusals, and the attempt that stands open', () => {
    expect(seenOf(undefined)).toEqual({ refusals: 0 });
    expect(seenOf(history({ refusals: 2, refusedVersions: ['v0', 'v1'] }))).toEqual({ refusals: 2 });
    const openAttempt = { version: 'v1', at: 7 };
    expect(seenOf(history({ openAttempt }))).toEqual({ refusals: 0, openAttempt });
  });
});

describe('isProven', () => {
  const proven = { user: 'root', address: 'esx1', refusals: 0, refusedVersions: [], provenVersion: 'v1' };

  it('holds for the version that was accepted, as long as nothing happened since', () => {
    expect(isProven(proven, 'v1')).toBe(true);
    for (const changes of [
      { provenVersion: 'v2' },
      { refusals: 1 },
      { openAttempt: { version: 'v1', at: 7 } },
      { lostFlights: ['run-1#vc01#0'] },
      { dialling: { until: 7 } },
    ]) {
      expect(isProven({ ...proven, ...changes }, 'v1'), JSON.stringify(changes)).toBe(false);
    }
    expect(isProven(undefined, 'v1')).toBe(false);
  });
});
