import type { Family } from '../metrics/family.ts';

/** What a sink keeps apart: the series of one sweep on one target. A newer delivery takes the place of the older one. */
export interface Group {
  readonly job: string;
  readonly instance: string;
}

/** The series of one target, as one run has them: no two are equal, but for samples that differ in their time. */
export interface RunSeries {
  readonly group: Group;
  readonly families: readonly Family[];
  /** Milliseconds since the epoch; from then on they are too old to be shown as current. */
  readonly validUntil: number;
  /** Metrics whose samples come by `append`: that none of them is among the families says nothing of their series. */
  readonly appended?: ReadonlySet<string>;
}

/** Where results go. A new one is a folder beside this file, and a line in `configured-sinks.ts`. */
export interface Sink {
  /** As summary, log and messages call it. */
  readonly name: string;
  /**
   * Takes all of the series or, as far as the destination can, none (one that takes them in parts says which it did not take). A sink whose destination outlives the run asks
   * `holdsLease` just before it writes, and writes nothing when another run took the lease. Rejects when the series
   * were not taken, and ends when the signal aborts.
   */
  deliver(series: RunSeries, options: DeliverOptions): Promise<'delivered' | 'lease-lost'>;
  /** Of one whose destination keeps the samples of a series by their times. */
  readonly timed?: TimedSink;
  /** Deletes what it keeps of a group, and answers whether there was anything. Rejects when that failed: it is asked again. */
  forget(group: Group, options: { signal: AbortSignal }): Promise<boolean>;
}

/** What the back-fill of samples goes by: docs/adr/0068-true-times.md. */
export interface TimedSink {
  /** How old a sample the destination takes. */
  readonly maxAgeMs: number;
  /** How many samples one call of `append` has, but for those of one object and time. */
  readonly maxSamples: number;
  /**
   * Adds samples at their times, each series in their order: all of them or, as far as the destination can, none. It
   * replaces and ends nothing. Rejects as `deliver` does; `isRefusal` knows the errors of a destination that will take these
   * samples never. A destination that says how many it did not take, and keeps the others, is not sent them again.
   */
  append(series: RunSeries, options: DeliverOptions): Promise<'delivered' | 'lease-lost' | PartlyTaken>;
}

/** The destination keeps what it took, and never takes the others. */
export interface PartlyTaken {
  readonly refused: number;
  readonly why: Error;
}

export interface DeliverOptions {
  readonly signal: AbortSignal;
  readonly holdsLease: () => Promise<boolean>;
}
