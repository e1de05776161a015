import { VsweepError } from '../platform/errors.ts';

/**
 * Where an ssh run ended.
 *
 * - `dns`: the name was not resolved
 * - `connection-refused`: refused, reset or unreachable
 * - `timeout`: TCP did not connect in time, the login did not end in time after a banner, or the caller gave up
 * - `banner`: no ssh conversation came about: no banner in the login time, no ssh server, cut before a login
 * - `auth`: the host refused, offered no method that fits, asked for more than one password, or cut the connection
 *   after the credential was sent
 * - `hostkey`: the host's key differs from the pinned one; nothing was sent
 * - `state`: the key could not be looked up or pinned; nothing was sent
 * - `exec-timeout`: the command did not end in time
 * - `output`: the connection was lost during the command, or its output is too long or not understood
 */
export type SshFailure =
  | 'dns'
  | 'connection-refused'
  | 'timeout'
  | 'banner'
  | 'auth'
  | 'hostkey'
  | 'exec-timeout'
  | 'output'
  | 'state';

const RETRYABLE: readonly SshFailure[] = ['dns', 'connection-refused', 'timeout', 'banner', 'state'];

export class SshError extends VsweepError<SshFailure> {
  /** A password or a signature went out and no success came: to be counted as a refusal. */
  readonly credentialSent: boolean;

  /** `loggedIn`: it happened after the login, so that a repetition would be another login. */
  constructor(
    message: string,
    options: { code: SshFailure; credentialSent?: boolean; loggedIn?: boolean; cause?: unknown },
  ) {
    const { code, credentialSent = false, loggedIn = false, cause } = options;
    super(message, {
      code,
      cause,
      retryable: !credentialSent && !loggedIn && RETRYABLE.includes(code),
    });
    this.credentialSent = credentialSent;
  }
}

/** What a peer said, made fit for a message: one line of printable ASCII, at most 200 characters. */
export function printable(text: string): string {
  return text
    .slice(0, 200)
    .replace(/[^ -~]+/g, ' ')
    .trim();
}
