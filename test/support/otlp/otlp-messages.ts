import protobuf from 'protobufjs';

/** As opentelemetry-proto 1.x has them; of what finished samples need, and the answers. */
const PROTO = `
  syntax = "proto3";
  message ExportMetricsServiceRequest { repeated ResourceMetrics resource_metrics = 1; }
  message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeMetrics { InstrumentationScope scope = 1; repeated Metric metrics = 2; }
  message InstrumentationScope { string name = 1; string version = 2; }
  message Metric { string name = 1; string description = 2; string unit = 3; Gauge gauge = 5; Sum sum = 7; }
  message Gauge { repeated NumberDataPoint data_points = 1; }
  message Sum { repeated NumberDataPoint data_points = 1; AggregationTemporality aggregation_temporality = 2; bool is_monotonic = 3; }
  enum AggregationTemporality { UNSPECIFIED = 0; DELTA = 1; CUMULATIVE = 2; }
  message NumberDataPoint {
    fixed64 start_time_unix_nano = 2;
    fixed64 time_unix_nano = 3;
    double as_double = 4;
    repeated KeyValue attributes = 7;
  }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { string string_value = 1; }
  message ExportMetricsServiceResponse { ExportMetricsPartialSuccess partial_success = 1; }
  message ExportMetricsPartialSuccess { int64 rejected_data_points = 1; string error_message = 2; }
  message Status { int32 code = 1; string message = 2; }`;
const { root } = protobuf.parse(PROTO, { keepCase: true });

interface Attribute {
  readonly key: string;
  readonly value: { readonly string_value: string };
}
interface Points {
  readonly data_points: readonly {
    readonly time_unix_nano: string;
    readonly as_double: number;
    readonly attributes: readonly Attribute[];
  }[];
  readonly aggregation_temporality?: string;
  readonly is_monotonic?: boolean;
}
export interface DecodedMetric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly gauge?: Points;
  readonly sum?: Points;
}
export interface DecodedExport {
  readonly resource_metrics: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scope_metrics: readonly {
      readonly scope: { readonly name: string };
      readonly metrics: readonly DecodedMetric[];
    }[];
  }[];
}

/** What another implementation of protobuf reads in a request. */
export function decodeExport(message: Uint8Array): DecodedExport {
  const type = root.lookupType('ExportMetricsServiceRequest');
  return type.toObject(type.decode(message), {
    longs: String,
    enums: String,
    arrays: true,
    defaults: true,
  }) as DecodedExport;
}

/** A sample as it was sent: with the attributes of its point, in the order of their names. */
export interface DecodedSample {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Nanoseconds since the epoch. */
  readonly time: string;
}

export const samplesOf = (request: DecodedExport): DecodedSample[] =>
  request.resource_metrics.flatMap(({ scope_metrics: scopes }) =>
    scopes.flatMap(({ metrics }) =>
      metrics.flatMap(
        ({ name, gauge, sum }) =>
          (gauge ?? sum)?.data_points.map((point) => ({
            metric: name,
            labels: Object.fromEntries(point.attributes.map(({ key, value }) => [key, value.string_value])),
            value: point.as_double,
            time: point.time_unix_nano,
          })) ?? [],
      ),
    ),
  );

const encode = (name: string, value: object): Buffer => {
  const type = root.lookupType(name);
  return Buffer.from(type.encode(type.fromObject(value)).finish());
};

/** An ExportMetricsServiceResponse. */
export const encodeResponse = (partial: { rejected?: number | string; message?: string }): Buffer =>
  encode('ExportMetricsServiceResponse', {
    partial_success: { rejected_data_points: partial.rejected ?? 0, error_message: partial.message ?? '' },
  });

/** A google.rpc.Status. */
export const encodeStatus = (message: string): Buffer => encode('Status', { code: 3, message });
