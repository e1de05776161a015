import { messageOf, VsweepError } from '../../platform/errors.ts';
import { VsphereLoginError, VsphereReplyError } from '../errors.ts';

/** `unauthenticated` and `unauthorized` of the vSphere Automation API: it knows who asks, and said no. */
const REFUSALS: ReadonlySet<number> = new Set([401, 403]);
/** No service behind the proxy, or no room for a session: nobody looked at the password. */
const UNDECIDED: ReadonlySet<number> = new Set([429, 503]);

/** Sorts whatever ended a login to REST as ADR 0026 sorts those of SOAP: by whether the password had left, and the answer. */
export function toRestLoginError(
  error: unknown,
  { endpoint, account, sent }: { endpoint: string; account: string; sent: boolean },
): VsphereLoginError {
  const where = `the REST API of ${endpoint}`;
  if (!sent)
    return new VsphereLoginError(`no login to ${where} (no password was sent): ${messageOf(error)}`, {
      code: 'login-not-sent',
      retryable: error instanceof VsweepError && error.retryable,
      cause: error,
    });
  const status = error instanceof VsphereReplyError ? (error.status ?? 0) : 0;
  if (REFUSALS.has(status))
    return new VsphereLoginError(
      `${where} refused the login of ${account} (HTTP ${status}), which its SOAP API accepted. ` +
        'Check that the account may log in to single sign-on, and is not locked',
      { code: 'login-refused', cause: error },
    );
  // An answer of success that cannot be read is no refusal either; the session that it may name ends by its idle timeout.
  if (UNDECIDED.has(status) || (status >= 200 && status < 300))
    return new VsphereLoginError(
      `${where} neither accepted nor refused the login of ${account}: ${messageOf(error)}`,
      { code: 'login-undecided', cause: error },
    );
  return new VsphereLoginError(
    `the login of ${account} to ${where} failed after the password was sent, and counts as a refusal: ${messageOf(error)}`,
    { code: 'login-cut-off', cause: error },
  );
}
