import type { ReaderFacts } from '../catalogue/row.ts';
import type { KindName } from '../inventory/kind.ts';
import type { Clock } from '../platform/clock.ts';
import type { EventTally } from '../vsphere/event/event-tally.ts';
import type { RestSession } from '../vsphere/rest/rest-session.ts';
import type { VsphereSession } from '../vsphere/session/session.ts';
import type { Reference } from './reader.ts';

/** A session of the sweep's own, as far as its readers use it. */
export type TargetConnection = Pick<VsphereSession, 'content' | 'transport' | 'tidyUp' | 'certificateEndsAt'>;

/** What a reader of a whole target has in the sweep. */
export interface TargetSession {
  /** The sweep's own session on vCenter. */
  readonly connection: TargetConnection;
  /**
   * A session with the REST API, one for all readers, opened when the first asks and ended by the sweep; undefined where
   * the target has no such API, as an ESXi host. Rejects where the account may not be tried there, or was refused.
   */
  rest(options: { signal: AbortSignal }): Promise<RestSession | undefined>;
  /** The types of events that are counted, and what is kept of counting them. */
  readonly events: { readonly types: readonly string[]; readonly tally: KeptTally };
}

/** What the state keeps of counting events from one run to the next. */
export interface KeptTally {
  /** Of the run that kept one last; undefined: none did. Throws StateError. */
  read(options: { signal: AbortSignal }): Promise<EventTally | undefined>;
  /**
   * Puts it in the place of the one that was read, by one conditional write, and answers what stands: another one if
   * another run was faster. Throws StateError; then nobody knows which stands.
   */
  keep(tally: EventTally, options: { signal: AbortSignal }): Promise<EventTally>;
}

/** The items of one kind, and what is wanted of them. */
export interface WantedOfKind<Need = unknown> {
  readonly kind: KindName;
  readonly needs: readonly Need[];
  readonly items: readonly Reference[];
}

/**
 * Fetches what is had of a whole target at once, such as its tags, or what only the sweep may do, such as a login: it runs
 * in the sweep itself, beside the batches and within their time. `read` yields every item with what it found of it; one
 * that is never yielded costs its points. It rejects when it cannot go on: that costs the points of its rows that did not
 * come, and nobody else's.
 */
export interface TargetReader<Need = unknown, Value = unknown> {
  readonly facts: ReaderFacts;
  read(
    wanted: readonly WantedOfKind<Need>[],
    options: { session: TargetSession; clock: Clock; signal: AbortSignal },
  ): AsyncIterable<readonly [kind: KindName, moref: string, value: Value]>;
}
