import { VsweepError } from '../platform/errors.ts';
import type { AccountHistory } from '../state/stores/account-history.ts';
import { type Counting, explainForbidden, type Unlisted } from './rules/explain-forbidden.ts';
import type { Forbidden } from './rules/may-try-login.ts';

/** The history of an account on an address forbids a login for now; nothing was tried. */
export class LoginForbiddenError extends VsweepError<'login-forbidden'> {
  constructor(
    account: Pick<AccountHistory, 'user' | 'address'>,
    why: Forbidden | Unlisted,
    history?: AccountHistory,
    counting?: Counting,
  ) {
    super(explainForbidden(account, why, history, counting), {
      code: 'login-forbidden',
      retryable: typeof why === 'string' || why.opens === 'time',
    });
  }
}
