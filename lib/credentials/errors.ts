import { VsweepError } from '../platform/errors.ts';

/**
 * `not-found`: no such secret, variable, file or version. `malformed`: there, and not a credential. `insecure-file`:
 * others can read it. `unavailable`: could not be asked for; see `retryable`.
 */
export type CredentialErrorCode = 'not-found' | 'malformed' | 'insecure-file' | 'unavailable';

/** Carries no cause: what parsers and the SDK throw may quote the secret. */
export class CredentialError extends VsweepError<CredentialErrorCode> {
  /** Which credential: `secret:<id>`, `env:<PREFIX>`, `file:<path>`. */
  readonly credentialId: string;

  constructor(
    credentialId: string,
    problem: string,
    options: { code: CredentialErrorCode; retryable?: boolean },
  ) {
    super(`The credential ${credentialId} ${problem}`, options);
    this.credentialId = credentialId;
  }
}
