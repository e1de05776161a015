import { messageOf, VsweepError } from '../../platform/errors.ts';
import {
  VsphereFaultError,
  VsphereLoginError,
  VsphereLoginRefusedError,
  VsphereReplyError,
} from '../errors.ts';
import { loadVim25 } from '../vim25/vim25.ts';

/** With those that inherit from them, such as PasswordExpired. */
const REFUSALS = ['InvalidLogin', 'NoPermission'] as const;

/** What the proxy of a vCenter answers while the service behind it does not run or has no room for a session. */
const SERVICE_UNAVAILABLE = 503;

/** Sorts whatever ended a login by whether the password had left, and by what the far side said (ADR 0026). */
export function toLoginError(
  error: unknown,
  { endpoint, account, sent }: { endpoint: string; account: string; sent: boolean },
): VsphereLoginError {
  if (!sent) {
    return new VsphereLoginError(`no login to ${endpoint} (no password was sent): ${messageOf(error)}`, {
      code: 'login-not-sent',
      retryable: error instanceof VsweepError && error.retryable,
      cause: error,
    });
  }
  const said = saidOf(error);
  if (said === 'no') return new VsphereLoginRefusedError(endpoint, account, error as VsphereFaultError);
  if (said === 'undecided') {
    return new VsphereLoginError(
      `${endpoint} neither accepted nor refused the login of ${account}: ${messageOf(error)}. ` +
        'Its services may be starting. If it persists, check single sign-on and the certificates of its services',
      { code: 'login-undecided', cause: error },
    );
  }
  return new VsphereLoginError(
    `the login of ${account} to ${endpoint} failed after the password was sent, and counts as a refusal: ${messageOf(error)}`,
    { code: 'login-cut-off', cause: error },
  );
}

/**
 * SessionManager.Login declares InvalidLogin and InvalidLocale, and may throw any runtime fault: SystemError while
 * single sign-on starts ("Authorize Exception", Broadcom 421381), NotSupported, HostConnectFault. A fault that the
 * table does not know may be a newer kind of InvalidLogin.
 */
function saidOf(error: unknown): 'no' | 'undecided' | 'nothing' {
  if (error instanceof VsphereReplyError && error.status === SERVICE_UNAVAILABLE) return 'undecided';
  if (!(error instanceof VsphereFaultError)) return 'nothing';
  const vim25 = loadVim25();
  if (REFUSALS.some((one) => vim25.isSubtype(error.fault, one))) return 'no';
  return vim25.type(error.fault) === undefined ? 'nothing' : 'undecided';
}
