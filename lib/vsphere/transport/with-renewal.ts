import { isNotAuthenticated } from '../errors.ts';
import type { Transport } from './transport.ts';

/** Calls that mean nothing in a new session: they are part of a login, or belong to what ended with the old one. */
const BOUND_TO_THEIR_SESSION: ReadonlySet<string> = new Set([
  'Login',
  'Logout',
  'CloneSession',
  'ContinueRetrievePropertiesEx',
  'CancelRetrievePropertiesEx',
  'DestroyView',
]);

/**
 * When the session has ended, calls `renew` once (calls that fail at the same time share it) and repeats the call
 * once. A renewal by password is a login: `renew` asks the lockout rules first and may throw. Not wired by default.
 */
export function withRenewal(
  transport: Transport,
  renew: (options: { signal: AbortSignal }) => Promise<void>,
): Transport {
  let renewing: Promise<void> | undefined;
  const renewOnce = (signal: AbortSignal) => {
    renewing ??= renew({ signal }).finally(() => {
      renewing = undefined;
    });
    return renewing;
  };
  return async (call, options) => {
    try {
      return await transport(call, options);
    } catch (error) {
      if (!isNotAuthenticated(error) || BOUND_TO_THEIR_SESSION.has(call.operation)) throw error;
      await renewOnce(options.signal);
      return await transport(call, options);
    }
  };
}
