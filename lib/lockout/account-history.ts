/** What we know of one account on one address, over all sweeps, targets and processes. */
export interface AccountHistory {
  readonly user: string;
  readonly address: string;
  /** Refusals since the last success. The host's own counter is at least this high and never decays. */
  readonly refusals: number;
  /** Milliseconds since the epoch. */
  readonly lastRefusalAt?: number;
  /** Credential versions refused since the last success. */
  readonly refusedVersions: readonly string[];
  /** The credential version that was accepted last. */
  readonly provenVersion?: string;
}
