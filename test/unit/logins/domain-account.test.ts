import { describe, expect, it } from 'vitest';
import { isDoubtful, mayTryDoubtful } from '../../../lib/logins/rules/domain-account.ts';
import { history } from '../sweep/builders.ts';

const attempt = { openAttempt: { version: 'v1', at: 1 } };
const refused = { refusals: 1, refusedVersions: ['v0'] };

describe('a host with the one account of a domain', () => {
  it('is doubtful until it accepted the account, in whatever version, and from its next refusal on', () => {
    expect(isDoubtful(undefined)).toBe(true);
    expect(isDoubtful(history())).toBe(true);
    expect(isDoubtful(history({ provenVersion: 'v0' }))).toBe(false);
    expect(isDoubtful(history({ provenVersion: 'v0', ...refused }))).toBe(true);
    expect(isDoubtful(history({ provenVersion: 'v0', ...attempt }))).toBe(true);
  });

  it('that is doubtful is asked only while nothing stands that the directory may have counted, of any version', () => {
    expect(mayTryDoubtful(undefined)).toBe(true);
    expect(mayTryDoubtful(history({ provenVersion: 'v1' }))).toBe(true);
    expect(mayTryDoubtful(history(refused))).toBe(false);
    expect(mayTryDoubtful(history(attempt))).toBe(false);
  });
});
