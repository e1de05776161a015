import protobuf from 'protobufjs';

/** As prometheus/prompb/remote.proto and types.proto have them; of what remote write 1.0 sends. */
const PROTO = `
  syntax = "proto3";
  message WriteRequest { repeated TimeSeries timeseries = 1; repeated MetricMetadata metadata = 3; }
  message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; }
  message Label { string name = 1; string value = 2; }
  message Sample { double value = 1; int64 timestamp = 2; }
  message MetricMetadata {
    enum MetricType { UNKNOWN = 0; COUNTER = 1; GAUGE = 2; }
    MetricType type = 1;
    string metric_family_name = 2;
    string help = 4;
    string unit = 5;
  }`;
const writeRequest = protobuf.parse(PROTO, { keepCase: true }).root.lookupType('WriteRequest');

export interface DecodedSeries {
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  readonly samples: readonly { readonly value: number; readonly timestamp: number }[];
}

export interface DecodedRequest {
  readonly timeseries: readonly DecodedSeries[];
  readonly metadata: readonly {
    readonly type: string;
    readonly metric_family_name: string;
    readonly help: string;
  }[];
}

/** What another implementation of protobuf reads in a WriteRequest. */
export const decodeWriteRequest = (message: Uint8Array): DecodedRequest =>
  writeRequest.toObject(writeRequest.decode(message), {
    longs: Number,
    enums: String,
    defaults: true,
  }) as DecodedRequest;
