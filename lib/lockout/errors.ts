import { VsweepError } from '../platform/errors.ts';

/** The history of an account on an address forbids a login for now; nothing was tried. */
export class LoginForbiddenError extends VsweepError<'login-forbidden'> {
  /** Milliseconds since the epoch; undefined when only a lift opens the account again. */
  readonly until: number | undefined;

  constructor({ user, address }: { user: string; address: string }, until: number | undefined) {
    const when =
      until === undefined
        ? 'was refused twice and is not tried again by itself; correct the password, then'
        : `was refused and is left alone until ${new Date(until).toISOString()}; to try sooner`;
    super(
      `Account ${user} on ${address} ${when} run "vsweep blacklist lift --user ${user} --address ${address}".`,
      {
        code: 'login-forbidden',
      },
    );
    this.until = until;
  }
}
