import { describe, expect, it } from 'vitest';
import { LoginForbiddenError } from '../../../lib/logins/errors.ts';
import type { Forbidden } from '../../../lib/logins/rules/may-try-login.ts';

const account = { user: 'root', address: 'esx01' };
const shut = (opens: Forbidden['opens']): Forbidden => ({ allowed: false, reason: 'blacklist', opens });

describe('LoginForbiddenError', () => {
  it('says that trying again helps only where time opens the account', () => {
    const retryable = (
      ['tried-by-another', 'since-refused', shut('time'), shut('lift'), shut('new-version')] as const
    ).map((why) => new LoginForbiddenError(account, why).retryable);
    expect(retryable).toEqual([true, true, true, false, false]);
  });

  it('has a code of its own, and says of which account and why', () => {
    const error = new LoginForbiddenError(account, 'tried-by-another');
    expect(error.code).toBe('login-forbidden');
    expect(error.message).toContain('root on esx01 is in use by a login of another process');
  });
});
