import type { ReaderFacts } from '../catalogue/row.ts';
import type { Clock } from '../platform/clock.ts';
import type { PerfCounters } from '../vsphere/performance/perf-counter.ts';
import type { RetrievalSession } from '../vsphere/property/retrieve-pages.ts';
import type { PropertyValue, RetrievedObject } from '../vsphere/property/retrieved-object.ts';

/** What readers ask of a session on vCenter. */
export interface ReadSession {
  retrieve(
    query: { type: string; morefs: readonly string[]; paths: readonly string[] },
    options: { signal: AbortSignal },
  ): AsyncIterable<RetrievedObject>;
}

/** What a reader has in the session of its batch. */
export interface ReaderSession extends ReadSession {
  /** For the calls of lib/vsphere that a reader makes itself. */
  readonly connection: RetrievalSession;
  /** The performance counters of the target, which differ from one vCenter to the next; read once a day. */
  counters(options: { signal: AbortSignal }): Promise<PerfCounters>;
}

/** As `sinceMs`: of all samples the newest one alone. */
export const ONLY_NEWEST = Number.MAX_SAFE_INTEGER;

/** An object to read, by its reference. */
export interface Reference {
  readonly type: string;
  readonly moref: string;
}

/** An object to read, with those of its properties that the reader asked for and that could be read. */
export interface ReadItem extends Reference {
  readonly properties: ReadonlyMap<string, PropertyValue>;
  /**
   * All real-time samples after then are wanted with their times, and the newest one in any case; milliseconds since the epoch,
   * by the clock of vSphere. Undefined: the newest one, without a time.
   */
  readonly sinceMs?: number;
}

/**
 * Fetches one kind of need for a slice of items of one kind: the only I/O of a worker that reads. `read` yields each item
 * when it is there; one that is never yielded costs its points. It rejects when it cannot go on: that costs the points of
 * its rows for the items that did not come, and no other reader's.
 */
export interface Reader<Need = unknown, Value = unknown> {
  readonly facts: ReaderFacts;
  /**
   * Properties of each item that it goes by for these needs; the reader of properties fetches them with all others, in one
   * retrieval.
   */
  pathsOf?(needs: readonly Need[]): readonly string[];
  read(
    needs: readonly Need[],
    items: readonly ReadItem[],
    options: { session: ReaderSession; clock: Clock; signal: AbortSignal },
  ): AsyncIterable<readonly [moref: string, value: Value]>;
}
