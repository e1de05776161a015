import type { AccountHistory } from './account-history.ts';

export type LoginPermission =
  | { readonly allowed: true; readonly refusalsLeft: number }
  | {
      readonly allowed: false;
      readonly reason: 'blacklist';
      /** Milliseconds since the epoch; without it only a lift by the operator opens the account again. */
      readonly until?: number;
    };

/**
 * ESXi locks an account after 5 refusals, after 3 under STIG, and its counter does not decay with time. A host's own
 * limit is not read yet, so 3 is assumed and one is left to the operator.
 */
const MAX_REFUSALS = 2;

/**
 * Whether an account may be tried on an address: at most two refusals since its last success whatever the credential,
 * and a pause of `blacklistMinutes` between them. A clock that was set back prolongs the pause and never ends it.
 */
export function mayTryLogin(
  history: AccountHistory | undefined,
  ask: { now: number; blacklistMinutes: number },
): LoginPermission {
  if (history === undefined || history.refusals === 0) return { allowed: true, refusalsLeft: MAX_REFUSALS };
  const refusalsLeft = MAX_REFUSALS - history.refusals;
  if (!(refusalsLeft > 0)) return { allowed: false, reason: 'blacklist' };
  const pauseMs = ask.blacklistMinutes * 60_000;
  const lastRefusalAt = history.lastRefusalAt ?? ask.now;
  if (ask.now - lastRefusalAt >= pauseMs) return { allowed: true, refusalsLeft };
  return { allowed: false, reason: 'blacklist', until: lastRefusalAt + pauseMs };
}
