/** A host's own rules for refused logins, as far as they were read through vCenter. */
export interface HostLimits {
  /** `Security.AccountLockFailures`; 0: it never locks. */
  readonly hostLimit?: number;
  /**
   * `Security.AccountUnlockTime`: for how long a locked account stays locked, in seconds; 0: until somebody unlocks it.
   * It is told and decides nothing, because its end opens the account and leaves the counter as it is (ADR 0009).
   */
  readonly unlockSeconds?: number;
}

/** What we know of one account on one address, over all sweeps, targets and processes. Times are epoch milliseconds. */
export interface AccountHistory extends HostLimits {
  readonly user: string;
  readonly address: string;
  /** Refusals since the last success. The host's own counter is at most this high, and never decays. */
  readonly refusals: number;
  /** The credential version of each of them, in their order. */
  readonly refusedVersions: readonly string[];
  /** When one was last seen; a presumed one has no time. */
  readonly lastRefusalAt?: number;
  /** When one was seen before that. */
  readonly earlierRefusalAt?: number;
  /** When a vCenter answered logins with neither yes nor no, the latest of them: no refusals. */
  readonly undecidedAt?: readonly number[];
  /** The credential version that was accepted last. */
  readonly provenVersion?: string;
  /** A login that was begun and whose end nobody wrote yet: it counts as a refusal. */
  readonly openAttempt?: OpenAttempt;
}

export interface OpenAttempt {
  readonly version: string;
  readonly at: number;
}

/** Whether the account was accepted with this very version and nothing happened since. */
export function isProven(history: AccountHistory | undefined, version: string): boolean {
  return history?.refusals === 0 && history.openAttempt === undefined && history.provenVersion === version;
}
