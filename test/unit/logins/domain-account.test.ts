import { describe, expect, it } from 'vitest';
import { doubtOf, isAsSettled, maySettle } from '../../../lib/logins/rules/domain-account.ts';
import { history } from '../sweep/builders.ts';

const attempt = { openAttempt: { version: 'v1', at: 1 } };
const refused = { refusals: 1, refusedVersions: ['v0'] };

describe('a host with the one account of a domain', () => {
  it('is a stranger until it accepted the account, in whatever version, and doubtful from its next refusal on', () => {
    expect(doubtOf(undefined)).toBe('stranger');
    expect(doubtOf(history())).toBe('stranger');
    expect(doubtOf(history({ provenVersion: 'v0' }))).toBeUndefined();
    expect(doubtOf(history({ provenVersion: 'v0', ...refused }))).toBe('refused');
    expect(doubtOf(history({ provenVersion: 'v0', ...attempt }))).toBe('refused');
    expect(doubtOf(history(refused))).toBe('refused');
    // An item may hold the number alone.
    expect(doubtOf(history({ provenVersion: 'v0', refusals: 1 }))).toBe('refused');
  });

  it('is asked in its turn only while no more stands that the directory may have counted than was seen', () => {
    const nothing = { refusals: 0 };
    expect(isAsSettled(undefined, nothing)).toBe(true);
    expect(isAsSettled(history({ provenVersion: 'v1' }), nothing)).toBe(true);
    for (const one of [history(refused), history(attempt), history({ refusals: 1 })]) {
      expect(isAsSettled(one, nothing)).toBe(false);
      expect(isAsSettled(one, { refusals: 1 })).toBe(true);
      expect(isAsSettled(one, { refusals: 0, openAttempt: { version: 'v1', at: 1 } })).toBe(true);
    }
    expect(isAsSettled(history({ ...refused, ...attempt }), { refusals: 1 })).toBe(false);
  });

  it('that refused before is not asked for a second acceptance while something stands', () => {
    for (const account of [{ refusals: 1 }, { refusals: 0, ...attempt }]) {
      expect(maySettle({ doubtful: 'refused' }, account)).toBe(false);
      expect(maySettle({ doubtful: 'stranger' }, account)).toBe(true);
      expect(maySettle({}, account)).toBe(true);
    }
    expect(maySettle({ doubtful: 'refused' }, { refusals: 0 })).toBe(true);
  });
});
