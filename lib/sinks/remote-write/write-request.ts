import {
  type MessageBytes,
  putBytes,
  putText,
  putVarint,
  reserve,
  textLength,
  varintLength,
} from '../http/message-bytes.ts';

/**
 * The messages of Prometheus' remote write 1.0, written by hand because they are few
 * (https://prometheus.io/docs/specs/prw/remote_write_spec/#protocol; fields as in prometheus/prompb/types.proto):
 *
 *     WriteRequest { repeated TimeSeries timeseries = 1; repeated MetricMetadata metadata = 3; }
 *     TimeSeries   { repeated Label labels = 1; repeated Sample samples = 2; }
 *     Label        { string name = 1; string value = 2; }
 *     Sample       { double value = 1; int64 timestamp = 2; }
 *     MetricMetadata { MetricType type = 1; string metric_family_name = 2; string help = 4; }
 */
export interface Point {
  /** NaN, which no measurement is, is written as the marker that the series has ended. */
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
}

/** Tags: the number of a field, times 8, and its type. */
const SERIES = 0x0a;
const LABELS = 0x0a;
const SAMPLES = 0x12;
const METADATA = 0x1a;
const VALUE = 0x09;
const TIMESTAMP = 0x10;
const TYPE = 0x08;

/** The one NaN that means that (https://prometheus.io/docs/specs/prw/remote_write_spec/#stale-markers); JavaScript may change the bits of its own. */
const STALE = Buffer.from('020000000000f07f', 'hex');

const METRIC_TYPES = { counter: 1, gauge: 2 } as const;

/** The field `labels` of one label, for `putSeries`; in place of what `into` held. */
export function encodeLabel(into: MessageBytes, name: string, value: string): void {
  into.length = 0;
  const size = textLength(name) + textLength(value);
  reserve(into, 1 + varintLength(size));
  into.bytes[into.length++] = LABELS;
  putVarint(into, size);
  putText(into, 1, name);
  putText(into, 2, value);
}

/** What `putSeries` writes. */
export function seriesLength(labels: readonly MessageBytes[], points: readonly Point[]): number {
  const size = contentLength(labels, points);
  return 1 + varintLength(size) + size;
}

/** One time series: its labels in the order of their names, its points in the order of their times. */
export function putSeries(
  into: MessageBytes,
  labels: readonly MessageBytes[],
  points: readonly Point[],
): void {
  const size = contentLength(labels, points);
  reserve(into, size + 11);
  into.bytes[into.length++] = SERIES;
  putVarint(into, size);
  for (const label of labels) putBytes(into, label);
  for (const { value, timeMs } of points) {
    into.bytes[into.length++] = SAMPLES;
    into.bytes[into.length++] = pointLength(timeMs);
    into.bytes[into.length++] = VALUE;
    if (Number.isNaN(value)) STALE.copy(into.bytes, into.length);
    else into.bytes.writeDoubleLE(value, into.length);
    into.length += 8;
    into.bytes[into.length++] = TIMESTAMP;
    putVarint(into, timeMs);
  }
}

function contentLength(labels: readonly MessageBytes[], points: readonly Point[]): number {
  let size = 0;
  for (const { length } of labels) size += length;
  // Each of at most 20 bytes, so its own length is one.
  for (const { timeMs } of points) size += 2 + pointLength(timeMs);
  return size;
}

const pointLength = (timeMs: number): number => 10 + varintLength(timeMs);

export interface Metadata {
  readonly name: string;
  readonly help: string;
  readonly type?: 'counter' | undefined;
}

export function putMetadata(into: MessageBytes, { name, help, type = undefined }: Metadata): void {
  const size = 2 + textLength(name) + textLength(help);
  reserve(into, size + 11);
  into.bytes[into.length++] = METADATA;
  putVarint(into, size);
  into.bytes[into.length++] = TYPE;
  into.bytes[into.length++] = METRIC_TYPES[type ?? 'gauge'];
  putText(into, 2, name);
  putText(into, 4, help);
}
