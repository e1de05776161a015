import {
  createMessageBytes,
  type MessageBytes,
  putBytes,
  putText,
  putVarint,
  reserve,
  textLength,
  varintLength,
} from '../http/message-bytes.ts';

/**
 * The messages of OTLP that finished samples need, written by hand because they are few (opentelemetry-proto 1.x:
 * collector/metrics/v1/metrics_service.proto, metrics/v1/metrics.proto, common/v1/common.proto):
 *
 *     ExportMetricsServiceRequest { repeated ResourceMetrics resource_metrics = 1; }
 *     ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
 *     Resource        { repeated KeyValue attributes = 1; }
 *     ScopeMetrics    { InstrumentationScope scope = 1; repeated Metric metrics = 2; }
 *     InstrumentationScope { string name = 1; }
 *     Metric          { string name = 1; string description = 2; string unit = 3; Gauge gauge = 5; Sum sum = 7; }
 *     Gauge           { repeated NumberDataPoint data_points = 1; }
 *     Sum             { repeated NumberDataPoint data_points = 1; AggregationTemporality aggregation_temporality = 2; bool is_monotonic = 3; }
 *     NumberDataPoint { fixed64 time_unix_nano = 3; double as_double = 4; repeated KeyValue attributes = 7; }
 *     KeyValue        { string key = 1; AnyValue value = 2; }
 *     AnyValue        { string string_value = 1; }
 *
 * A tag is the number of a field, times 8, and its type.
 */
const FIRST = 0x0a;
const SECOND = 0x12;
const GAUGE = 0x2a;
const SUM = 0x3a;
const TIME = 0x19;
const VALUE = 0x21;
const ATTRIBUTES = 0x3a;
/** AGGREGATION_TEMPORALITY_CUMULATIVE, and that it is monotonic. */
const COUNTER = Buffer.from([0x10, 2, 0x18, 1]);
const FIXED_LENGTH = 18;

/** The field `attributes` of a data point, in place of what `into` held. */
export const encodeAttribute = (into: MessageBytes, key: string, value: string): void =>
  putKeyValue(into, ATTRIBUTES, key, value);

function putKeyValue(into: MessageBytes, tag: number, key: string, value: string): void {
  into.length = 0;
  const ofValue = textLength(value);
  const size = textLength(key) + 1 + varintLength(ofValue) + ofValue;
  reserve(into, size + 11);
  into.bytes[into.length++] = tag;
  putVarint(into, size);
  putText(into, 1, key);
  putHead(into, SECOND, ofValue);
  putText(into, 1, value);
}

function putHead(into: MessageBytes, tag: number, size: number): void {
  reserve(into, 11);
  into.bytes[into.length++] = tag;
  putVarint(into, size);
}

/** What `putPoint` writes. */
export function pointLength(attributes: readonly MessageBytes[]): number {
  const size = contentLength(attributes);
  return 1 + varintLength(size) + size;
}

function contentLength(attributes: readonly MessageBytes[]): number {
  let size = FIXED_LENGTH;
  for (const { length } of attributes) size += length;
  return size;
}

/** The field `data_points` of a gauge or a sum. `time` is from `encodeTime`. */
export function putPoint(
  into: MessageBytes,
  attributes: readonly MessageBytes[],
  { value, time }: { readonly value: number; readonly time: Uint8Array },
): void {
  putHead(into, FIRST, contentLength(attributes));
  reserve(into, contentLength(attributes));
  into.bytes[into.length++] = TIME;
  into.bytes.set(time, into.length);
  into.length += 8;
  into.bytes[into.length++] = VALUE;
  into.bytes.writeDoubleLE(value, into.length);
  into.length += 8;
  for (const attribute of attributes) putBytes(into, attribute);
}

const NANOSECONDS = 1_000_000n;

/** Milliseconds since the epoch as the eight bytes of nanoseconds. */
export function encodeTime(timeMs: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(timeMs) * NANOSECONDS));
  return bytes;
}

export interface MetricHead {
  readonly name: string;
  readonly help: string;
  readonly type?: 'counter' | undefined;
}

/** What `putMetric` writes beside its points, at most: also two tags and lengths, and that it is a counter. */
export const metricOverhead = ({ name, help }: MetricHead): number =>
  textLength(name) + textLength(help) + 26;

/**
 * The field `metrics` of a scope. No unit: a receiver that makes names of Prometheus would add it to the name
 * (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata-1).
 */
export function putMetric(into: MessageBytes, { name, help, type }: MetricHead, points: MessageBytes): void {
  const isCounter = type === 'counter';
  const ofData = points.length + (isCounter ? COUNTER.length : 0);
  const size = textLength(name) + textLength(help) + 1 + varintLength(ofData) + ofData;
  putHead(into, SECOND, size);
  putText(into, 1, name);
  putText(into, 2, help);
  putHead(into, isCounter ? SUM : GAUGE, ofData);
  reserve(into, ofData);
  putBytes(into, points);
  if (isCounter) {
    into.bytes.set(COUNTER, into.length);
    into.length += COUNTER.length;
  }
}

/** Everything of a resource before its metrics: attributes and the scope. */
export interface ResourceHead {
  readonly resource: MessageBytes;
  readonly scope: MessageBytes;
}

export function encodeResource(attributes: Readonly<Record<string, string>>, scope: string): ResourceHead {
  const fields = createMessageBytes(256);
  const one = createMessageBytes(64);
  for (const [key, value] of Object.entries(attributes)) {
    putKeyValue(one, FIRST, key, value);
    reserve(fields, one.length);
    putBytes(fields, one);
  }
  const resource = createMessageBytes(256);
  putHead(resource, FIRST, fields.length);
  reserve(resource, fields.length);
  putBytes(resource, fields);
  const named = createMessageBytes(64);
  putHead(named, FIRST, textLength(scope));
  putText(named, 1, scope);
  return { resource, scope: named };
}

/** What `putRequest` writes beside the metrics, at most. */
export const requestOverhead = ({ resource, scope }: ResourceHead): number =>
  resource.length + scope.length + 22;

/** A whole request of one resource and one scope, in place of what `into` held. */
export function putRequest(
  into: MessageBytes,
  { resource, scope }: ResourceHead,
  metrics: MessageBytes,
): void {
  into.length = 0;
  const ofScope = scope.length + metrics.length;
  putHead(into, FIRST, resource.length + 1 + varintLength(ofScope) + ofScope);
  reserve(into, resource.length);
  putBytes(into, resource);
  putHead(into, SECOND, ofScope);
  reserve(into, ofScope);
  putBytes(into, scope);
  putBytes(into, metrics);
}
