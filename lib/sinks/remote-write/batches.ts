import type { Family } from '../../metrics/family.ts';
import { createMessageBytes } from '../http/message-bytes.ts';
import { bySeries } from './by-series.ts';
import { type AddedLabels, createLabelWriters } from './label-writer.ts';
import { putSeries, seriesLength } from './write-request.ts';

export interface BatchOptions extends AddedLabels {
  /** Of samples without a time of their own, in milliseconds since the epoch. */
  readonly timeMs: number;
  /** Before compression; a single series may be larger. */
  readonly maxBytes: number;
  readonly maxSamples: number;
}

export interface Batch {
  /** A WriteRequest; its memory is used again for the next batch. */
  readonly message: Uint8Array;
  readonly series: number;
  readonly samples: number;
  /** Whether a series of it has more than one sample. */
  readonly hasSeveral: boolean;
  /** The first series of it, as PromQL writes one, for messages. */
  readonly first: string;
}

/** Memory to begin with; it grows with a batch that needs more. */
const FIRST_BYTES = 1_000_000;

/**
 * WriteRequests with all samples, none larger than the limits. A series stands in one place, its samples in the order of
 * their times; one with more than `maxSamples` goes on in the next batch. So whoever sends one batch behind the other sends
 * each series in order. Throws MetricsError for what no label can carry, maybe after the first batches.
 */
export function* writeBatches(
  families: readonly Family[],
  options: BatchOptions,
): Generator<Batch, void, undefined> {
  const { maxBytes, maxSamples } = options;
  const writerOf = createLabelWriters(options);
  const message = createMessageBytes(Math.min(maxBytes, FIRST_BYTES));
  let series = 0;
  let samples = 0;
  let hasSeveral = false;
  let first = '';
  function* close() {
    yield { message: message.bytes.subarray(0, message.length), series, samples, hasSeveral, first };
    message.length = 0;
    series = 0;
    samples = 0;
    hasSeveral = false;
  }
  for (const family of families) {
    const writer = writerOf(family);
    for (const { labels, points } of bySeries(family, options)) {
      const encoded = writer.encode(labels);
      const size = seriesLength(encoded, points);
      if (series > 0 && (message.length + size > maxBytes || samples + points.length > maxSamples))
        yield* close();
      if (series === 0) first = writer.print(labels);
      putSeries(message, encoded, points);
      series += 1;
      samples += points.length;
      hasSeveral ||= points.length > 1;
    }
  }
  if (series > 0) yield* close();
}
