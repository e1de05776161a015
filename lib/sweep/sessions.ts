import type { Inventory, InventoryQuery } from '../inventory/list-inventory.ts';
import type { AcceptedAccount } from '../logins/trial/rest-login.ts';
import type { TargetLoginDeps } from '../logins/trial/target-login.ts';
import type { ReaderSession, ReadSession } from '../readers/reader.ts';
import type { TargetConnection } from '../readers/target-reader.ts';
import type { RestLoginOptions, RestSession } from '../vsphere/rest/rest-session.ts';

/** A session that was opened by a login, as far as a sweep needs it. */
export interface SweepSession extends ReadSession {
  list(query: InventoryQuery, options: { signal: AbortSignal }): Promise<Inventory>;
  /** For readers that run in the sweep itself. */
  readonly connection: TargetConnection;
  /** The REST API of the same target; absent where it has none. */
  readonly rest?: RestAccess;
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

/** The way to a second login with the account that was accepted: only by the lockout rules (lib/logins). */
export interface RestAccess {
  readonly account: AcceptedAccount;
  /** By the password that was accepted, which stays inside. */
  logIn(options: RestLoginOptions): Promise<RestSession>;
}

/** A cloned session, as far as a worker needs it. */
export interface WorkerSession extends ReaderSession {
  /** Never rejects; takes `ms` at most, whatever became of the work's signal. */
  close(limit: { ms: number }): Promise<void>;
  measurements(): { readonly calls: number; readonly bytes: number; readonly failedLogouts: number };
}

export type VcenterLoginDeps = TargetLoginDeps<SweepSession>;
