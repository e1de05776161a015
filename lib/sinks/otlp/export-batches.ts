import type { Family } from '../../metrics/family.ts';
import { createMessageBytes } from '../http/message-bytes.ts';
import { bySeries } from '../remote-write/by-series.ts';
import type { Group } from '../sink.ts';
import { attributeWriter } from './attribute-writer.ts';
import {
  encodeResource,
  encodeTime,
  metricOverhead,
  pointLength,
  putMetric,
  putPoint,
  putRequest,
  requestOverhead,
} from './export-request.ts';

export interface ExportOptions {
  readonly group: Group;
  /** Of samples without a time of their own, in milliseconds since the epoch. */
  readonly timeMs: number;
  /** Before compression; a request with one single point may be larger. */
  readonly maxBytes: number;
  readonly maxPoints: number;
}

export interface ExportBatch {
  /** An ExportMetricsServiceRequest; its memory is used again for the next batch. */
  readonly message: Uint8Array;
  readonly points: number;
}

/** Memory to begin with; it grows with a request that needs more. */
const FIRST_BYTES = 1_000_000;

/**
 * Requests with all samples, none larger than the limits: metrics in the order of the families, each a gauge or a cumulative
 * sum, with the labels as attributes of the points. A series stands in one place, its points in the order of their times, so
 * whoever sends one request behind the other sends each series in order. The resource names the group, from which receivers
 * make the labels `job` and `instance`; others take those from the points. Throws MetricsError for what no label can carry,
 * maybe after the first batches.
 */
export function* exportBatches(
  families: readonly Family[],
  { group, timeMs, maxBytes, maxPoints }: ExportOptions,
): Generator<ExportBatch, void, undefined> {
  const head = encodeResource({ 'service.name': group.job, 'service.instance.id': group.instance }, 'vsweep');
  const room = maxBytes - requestOverhead(head);
  const capacity = Math.min(maxBytes, FIRST_BYTES);
  const message = createMessageBytes(capacity);
  const metrics = createMessageBytes(capacity);
  const points = createMessageBytes(capacity);
  const timeOf = lastTime();
  let count = 0;
  function* close() {
    putRequest(message, head, metrics);
    yield { message: message.bytes.subarray(0, message.length), points: count };
    metrics.length = 0;
    count = 0;
  }
  for (const family of families) {
    const { definition } = family;
    const attributesOf = attributeWriter(definition, group);
    const overhead = metricOverhead(definition);
    const endMetric = () => {
      if (points.length > 0) putMetric(metrics, definition, points);
      points.length = 0;
    };
    for (const { labels, points: ofSeries } of bySeries(family, { timeMs, maxSamples: maxPoints })) {
      const attributes = attributesOf(labels);
      const size = pointLength(attributes);
      for (const point of ofSeries) {
        if (count > 0 && (count === maxPoints || metrics.length + overhead + points.length + size > room)) {
          endMetric();
          yield* close();
        }
        putPoint(points, attributes, { value: point.value, time: timeOf(point.timeMs) });
        count += 1;
      }
    }
    endMetric();
  }
  if (count > 0) yield* close();
}

/** Most samples have the time of the one before. */
function lastTime(): (timeMs: number) => Uint8Array {
  let last = 0;
  let encoded = encodeTime(last);
  return (timeMs) => {
    if (timeMs !== last) encoded = encodeTime(timeMs);
    last = timeMs;
    return encoded;
  };
}
