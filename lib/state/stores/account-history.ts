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
  /** Whether one of them was an answer of a vCenter: the others are logins that were cut off. */
  readonly answered?: boolean;
  /** They count at a vCenter, whose single sign-on forgets them in time; the counter of a host does not. */
  readonly decays?: boolean;
  /** When one was seen before that. */
  readonly earlierRefusalAt?: number;
  /** When a vCenter answered logins with neither yes nor no, the latest of them: no refusals. */
  readonly undecidedAt?: readonly number[];
  /** The credential version that was accepted last. */
  readonly provenVersion?: string;
  /** A login that was begun and whose result was never recorded yet: it counts as a refusal. */
  readonly openAttempt?: OpenAttempt;
  /** The flights that were lost with it, since the last success: one of their hosts may have ended the worker. */
  readonly lostFlights?: readonly string[];
  readonly dialling?: DialMark;
}

/** A host is dialled with care, by a worker that is done at `until`; left behind, that worker ended while it was. */
export interface DialMark {
  readonly until: number;
  /** It was suspect before, and asked alone. */
  readonly alone?: boolean;
}

export interface OpenAttempt {
  /** Of this attempt alone. */
  readonly id?: string;
  readonly version: string;
  readonly at: number;
  /** Of an account that hosts have in common: the one that is asked. */
  readonly host?: string;
}
