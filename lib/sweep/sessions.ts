import type { Inventory, InventoryQuery } from '../inventory/list-inventory.ts';
import type { TargetLoginDeps } from '../logins/trial/target-login.ts';
import type { ReaderSession, ReadSession } from '../readers/reader.ts';

/** A session that was opened by a login, as far as a sweep needs it. */
export interface SweepSession extends ReadSession {
  list(query: InventoryQuery, options: { signal: AbortSignal }): Promise<Inventory>;
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

/** A cloned session, as far as a worker needs it. */
export interface WorkerSession extends ReaderSession {
  /** Never rejects; takes `ms` at most, whatever became of the work's signal. */
  close(limit: { ms: number }): Promise<void>;
  measurements(): { readonly calls: number; readonly bytes: number; readonly failedLogouts: number };
}

export type VcenterLoginDeps = TargetLoginDeps<SweepSession>;
