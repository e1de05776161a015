import type { LoginPermission } from '../../../logins/rules/may-try-login.ts';
import type { AccountHistory } from '../../../state/stores/account-history.ts';

/** How many refused logins count against an account, and what they leave: for the end of a line. */
export function printMargin(history: AccountHistory | undefined, permission: LoginPermission): string {
  const open = history?.openAttempt === undefined ? 0 : 1;
  const counted = (history?.refusals ?? 0) + open;
  if (counted === 0) return 'no refused login counts against it';
  const refusals = `${counted} refused ${counted === 1 ? 'login counts' : 'logins count'} against it`;
  if (permission.allowed) return `${refusals}; another login may be tried`;
  const { opens, until } = permission;
  if (opens === 'time' && until !== undefined)
    return `${refusals}; no login is tried before ${new Date(until).toISOString()}`;
  return `${refusals}; no login is tried before ${opens === 'lift' ? 'it is lifted' : 'the credential changes'}`;
}
