import { createHmac, randomBytes } from 'node:crypto';
import { isOfDirectory, principalOf } from '../logins/rules/principal.ts';
import { type GuardedLoginDeps, guardedLogin } from '../logins/trial/guarded-login.ts';
import { VsphereConnectionError, VsphereFaultError } from '../vsphere/errors.ts';
import type { GuestAccount } from '../vsphere/guest/guest-process.ts';

/** Dies with the process, so that what the state keeps of a guest's password cannot be guessed from. */
const VERSION_KEY = randomBytes(32);

/** Failed before the password left. */
const NOT_SENT: readonly string[] = [
  'dns',
  'connection-refused',
  'tls',
] satisfies VsphereConnectionError['code'][];

/**
 * Makes a login to a guest if the history of its account allows it: two refusals in 15 minutes, then one an hour with
 * the same password, by the rules of a vCenter (a guest that locks after three in 15 minutes, as STIG says, is not
 * locked by polls). A directory's account counts over all guests. Throws LoginForbiddenError without having asked, or
 * what `login` threw.
 */
export function guestLogin<T>(
  { target, moref, account }: { target: string; moref: string; account: GuestAccount },
  login: () => Promise<T>,
  deps: GuardedLoginDeps,
  options: { signal: AbortSignal },
): Promise<T> {
  // Whoever was held back, or could not look at the state, sent nothing.
  let isAllowed = false;
  return guardedLogin(
    { ...countedAs({ target, moref, ...account }), version: versionOf(account) },
    {
      async login(permit) {
        await permit('vcenter');
        isAllowed = true;
        return await login();
      },
      isRefusal: (error) => isAllowed && isRefusal(error),
      isAnswer: (error) => error instanceof VsphereFaultError,
    },
    deps,
    options,
  );
}

const countedAs = ({ target, moref, username }: { target: string; moref: string; username: string }) =>
  isOfDirectory(username)
    ? { user: principalOf(username), address: 'guest:*' }
    : { user: username, address: `guest:${target}/${moref}` };

/** What no fault answered may have reached the guest. */
function isRefusal(error: unknown): boolean {
  if (error instanceof VsphereFaultError) return error.fault === 'InvalidGuestLogin';
  return !(error instanceof VsphereConnectionError && NOT_SENT.includes(error.code));
}

const versionOf = ({ password }: GuestAccount) =>
  `guest:${createHmac('sha256', VERSION_KEY).update(password).digest('hex').slice(0, 16)}`;
