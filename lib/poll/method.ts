import type { RetrievalSession } from '../vsphere/property/retrieval.ts';
import type { VsphereSession } from '../vsphere/session/session.ts';
import type { PollResult } from './reply.ts';

/** What a method needs of a session; it can only read (see read-only-session.ts). */
export type PollSession = RetrievalSession & Pick<VsphereSession, 'about'>;

/** A request whose checks are over. */
export interface PollRequest {
  /** As requested, without duplicates; empty when none were. */
  readonly properties: readonly string[];
}

/** A method of vPoller. */
export interface PollMethod {
  readonly name: string;
  /** Keys that a request must have, whatever their value is. */
  readonly requiredKeys: readonly string[];
  /** The `msg` of a reply that succeeded. */
  readonly successMessage: string;
  /** What can be refused before anybody logs in; throws PollError. */
  check?(request: PollRequest): void;
  /** Runs again from its beginning when the session turns out to have ended: it only reads. */
  run(
    session: PollSession,
    request: PollRequest,
    options: { signal: AbortSignal },
  ): Promise<readonly PollResult[]>;
}
