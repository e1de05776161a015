import type { AccountHistory } from '../../state/stores/account-history.ts';

/** As many hosts are asked by one worker after theirs was lost: of these at most the one that is dialled is in doubt. */
export const MAX_CAREFUL_HOSTS = 8;

/**
 * How a host is asked that a lost worker may have asked. `careful`: one at a time with few others, and marked while it
 * is dialled. `under-way`: another process dials it so. `suspect`: a worker ended while it dialled it, so it is asked
 * alone, from `askedFrom` on (epoch milliseconds), until it answers: at once, and when it does it again after a pause.
 */
export type Care =
  | { readonly kind: 'none' }
  | { readonly kind: 'careful' }
  | { readonly kind: 'under-way' }
  | { readonly kind: 'suspect'; readonly lostBy: number; readonly askedFrom: number };

const MINUTE = 60_000;
/** An interval is a day at most; a mark that ends later was written by a clock that was ahead, and holds nobody back. */
const LONGEST_RUN_MS = 24 * 60 * MINUTE + MINUTE;

/**
 * What a lost worker means for a host. The mark of a host that is dialled with care is erased with the login's end and
 * holds until the worker's: what is left of it after that was left by a worker that died.
 */
export function careOf(
  history: Pick<AccountHistory, 'dialling' | 'lostFlights'> | undefined,
  { now, blacklistMinutes }: { now: number; blacklistMinutes: number },
): Care {
  const { dialling, lostFlights = [] } = history ?? {};
  if (dialling === undefined) return { kind: lostFlights.length > 0 ? 'careful' : 'none' };
  const { alone = false } = dialling;
  const until = dialling.until > now + LONGEST_RUN_MS ? 0 : dialling.until;
  if (now < until) return { kind: 'under-way' };
  return { kind: 'suspect', lostBy: until, askedFrom: alone ? until + blacklistMinutes * MINUTE : until };
}
