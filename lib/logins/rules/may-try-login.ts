import type { AccountHistory } from '../../state/stores/account-history.ts';
import { spentBy, standingOf } from './seen-account.ts';

export interface Forbidden {
  readonly allowed: false;
  readonly reason: 'blacklist';
  /** What opens the account again: time (`until`, epoch milliseconds), a new credential, or a lift. */
  readonly opens: 'time' | 'new-version' | 'lift';
  readonly until?: number;
  /** The time is a pause after an answer that was no refusal. */
  readonly undecided?: boolean;
}

export type LoginPermission = { readonly allowed: true } | Forbidden;

export interface LoginAsk {
  readonly now: number;
  /** The credential version that would be tried. */
  readonly version: string;
  readonly blacklistMinutes: number;
}

/** STIG's limit, and so what an unread one may be; ESXi's default is 5. */
const UNREAD_LIMIT = 3;
/** One credential value is refused twice at most, however many refusals the host allows. */
const MAX_OF_VERSION = 2;
const MINUTE = 60_000;

/**
 * Rule 1 of the lockout rules, for hosts: whether an account may be tried on an address. ESXi's counter does not decay
 * (pam_tally2: only a success resets it), so time alone never buys a refusal beyond the budget, which is one below the
 * host's limit over all versions and two for one version. After the first refusal of a version the host is left alone
 * for `blacklistMinutes`. A clock that was set back prolongs that and never ends it.
 */
export function mayTryHost(history: AccountHistory | undefined, ask: LoginAsk): LoginPermission {
  if (history === undefined) return { allowed: true };
  const spent = spentBy(history);
  const left = budgetOf(history.hostLimit) - spent.length;
  if (!(left > 0)) return { allowed: false, reason: 'blacklist', opens: 'lift' };
  const ofVersion = spent.filter((version) => version === ask.version).length;
  if (ofVersion >= MAX_OF_VERSION) return { allowed: false, reason: 'blacklist', opens: 'new-version' };
  if (ofVersion === 0 || history.lastRefusalAt === undefined) return { allowed: true };
  return afterPause(history.lastRefusalAt + ask.blacklistMinutes * MINUTE, ask.now);
}

const MAX_IN_WINDOW = 2;
const WINDOW_MS = 15 * MINUTE;
const HOUR_MS = 60 * MINUTE;

/**
 * Rule 7, for a vCenter, whose single sign-on forgets: at most two refusals in 15 minutes, then one an hour for a
 * version that was refused before. Where a version that was accepted was only cut off, it stays at two in 15 minutes,
 * which locks nobody whose policy is STIG's (three in 900 s: VCTR-67-000046, VCFA-9X-000017) or the default one (five
 * in 180 s). Of answers that are neither yes nor no, four in three minutes at most.
 */
export function mayTryVcenter(
  history: AccountHistory | undefined,
  ask: Omit<LoginAsk, 'blacklistMinutes'>,
): LoginPermission {
  const permission = mayTryByRefusals(history, ask);
  const recent = recentlyUndecided(history, ask.now);
  const [first] = recent.slice(-MAX_UNDECIDED);
  if (!permission.allowed || first === undefined || recent.length < MAX_UNDECIDED) return permission;
  const until = first + SSO_WINDOW_MS;
  return { allowed: false, reason: 'blacklist', opens: 'time', until, undecided: true };
}

/**
 * A vCenter that could not tell has counted nothing (ADR 0026). Had it all the same: single sign-on locks after five
 * failures in 180 s by default.
 */
const MAX_UNDECIDED = 4;
const SSO_WINDOW_MS = 180_000;

/** The times to keep when an account was answered with neither yes nor no once more. */
export const withUndecided = (history: AccountHistory | undefined, now: number): readonly number[] =>
  [...recentlyUndecided(history, now), now].slice(-MAX_UNDECIDED);

/** A clock that was set back prolongs nothing, because there was no refusal. */
const recentlyUndecided = (history: AccountHistory | undefined, now: number): readonly number[] =>
  history?.undecidedAt?.filter((at) => at <= now && now - at < SSO_WINDOW_MS) ?? [];

/**
 * Whether an account that was accepted a moment ago may be tried by another API of the same vCenter, too: only while
 * nothing of it stands since. So such a login is never the refusal that holds the first one back.
 */
export const mayTryBesides = (history: AccountHistory | undefined, { now }: Pick<LoginAsk, 'now'>): boolean =>
  standingOf(history) === 0 && recentlyUndecided(history, now).length === 0;

function mayTryByRefusals(
  history: AccountHistory | undefined,
  ask: Omit<LoginAsk, 'blacklistMinutes'>,
): LoginPermission {
  if (history === undefined) return { allowed: true };
  const spent = spentBy(history);
  if (spent.length < MAX_IN_WINDOW) return { allowed: true };
  // A presumed one has no time (the table has 0, or nothing) and counts as late as the last that has.
  const times = [history.earlierRefusalAt, history.lastRefusalAt, history.openAttempt?.at]
    .filter((at) => at !== undefined)
    .filter((at) => at !== 0);
  const [last, earlier = last] = times.toSorted((one, other) => other - one);
  // Only presumed refusals, without any time: the attempt of each was given up for lost before the next one began.
  if (last === undefined || earlier === undefined) return { allowed: true };
  // Cut off and not answered, with a version that was accepted: rather the vCenter is ill than the password wrong.
  const isPresumed = history.answered !== true && history.provenVersion === ask.version;
  if (spent.includes(ask.version) && !isPresumed) return afterPause(last + HOUR_MS, ask.now);
  return afterPause(earlier + WINDOW_MS, ask.now);
}

function afterPause(until: number, now: number): LoginPermission {
  return now >= until ? { allowed: true } : { allowed: false, reason: 'blacklist', opens: 'time', until };
}

/** Refusals that we may cause altogether: one is left to the operator. 0 on a host means that it never locks. */
const budgetOf = (hostLimit: number | undefined) =>
  (hostLimit === undefined || hostLimit === 0 ? UNREAD_LIMIT : hostLimit) - 1;
