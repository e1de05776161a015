import type { TargetLoginDeps } from '../../lockout/target-login.ts';
import type { HostListing, HostListQuery } from '../../vsphere/inventory/inventory.ts';

/** A session that was opened by a login, as far as a sweep needs it. */
export interface SweepSession {
  listHosts(query: HostListQuery, options: { signal: AbortSignal }): Promise<HostListing>;
  /** A ticket that opens one session for a worker. */
  acquireCloneTicket(options: { signal: AbortSignal }): Promise<string>;
  /**
   * How many sessions earlier runs left open, which `end` ends; undefined when the account may not see them. Never
   * rejects.
   */
  leftover(choice: { end: boolean }, options: { signal: AbortSignal }): Promise<number | undefined>;
  /** Never rejects; takes `ms` at most, whatever became of the work's signal. */
  close(limit: { ms: number }): Promise<void>;
}

export type VcenterLoginDeps = TargetLoginDeps<SweepSession>;
