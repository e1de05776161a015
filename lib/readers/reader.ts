import type { ReaderFacts } from '../catalogue/row.ts';
import type { RetrievedObject } from '../vsphere/property/retrieved-object.ts';

/** What readers ask of a session on vCenter. */
export interface ReadSession {
  retrieve(
    query: { type: string; morefs: readonly string[]; paths: readonly string[] },
    options: { signal: AbortSignal },
  ): AsyncIterable<RetrievedObject>;
}

/** An object to read, by its reference. */
export interface Reference {
  readonly type: string;
  readonly moref: string;
}

/**
 * Fetches one kind of need for a slice of items of one kind: the only I/O of a worker that reads. `read` yields each item
 * when it is there; one that is never yielded costs its points. It rejects when it cannot go on: that costs the points of
 * its rows for the items that did not come, and no other reader's.
 */
export interface Reader<Need = unknown, Value = unknown> {
  readonly facts: ReaderFacts;
  read(
    needs: readonly Need[],
    items: readonly Reference[],
    options: { session: ReadSession; signal: AbortSignal },
  ): AsyncIterable<readonly [moref: string, value: Value]>;
}
