import { VsweepError } from '../platform/errors.ts';
import type { LoginPermission } from './may-try-login.ts';
import { PRINCIPAL } from './principal.ts';

type Refused = Extract<LoginPermission, { allowed: false }>;

/** The history of an account on an address forbids a login for now; nothing was tried. */
export class LoginForbiddenError extends VsweepError<'login-forbidden'> {
  constructor({ user, address }: { user: string; address: string }, why: Refused | 'tried-by-another') {
    // Quoted for a shell, to which * is more than a name.
    const where = address === PRINCIPAL ? `'${PRINCIPAL}'` : address;
    super(`Account ${user} on ${address} ${explain(why, `--user ${user} --address ${where}`)}`, {
      code: 'login-forbidden',
      retryable: why === 'tried-by-another' || why.opens === 'time',
    });
  }
}

function explain(why: Refused | 'tried-by-another', which: string): string {
  if (why === 'tried-by-another') return 'is being tried by another process; the next run looks again.';
  const lift = `"vsweep blacklist lift ${which}"`;
  const { opens, until } = why;
  switch (opens) {
    case 'time':
      return `was refused and is left alone until ${new Date(until ?? 0).toISOString()}; to try sooner run ${lift}.`;
    case 'new-version':
      return `was refused twice with this credential; correct it, or run ${lift}.`;
    case 'lift':
      return `was refused as often as it may be; reset its counter there by a login, then run ${lift}.`;
    default:
      return opens satisfies never;
  }
}
