import type { MoRef } from '../soap/moref.ts';
import { methodCall, reference, textElement } from '../soap/soap-request.ts';
import type { SoapCall } from '../soap/transport.ts';
import type { PerfMetricId } from './perf-provider.ts';
import type { QueryPart } from './query-parts.ts';

export type PerfQuery = QueryPart & (RealtimeQuery | HistoricalQuery);

/** Hosts and virtual machines of the last hour, straight from memory. */
export interface RealtimeQuery {
  readonly kind: 'realtime';
  /** The provider's refresh rate. Default 20. */
  readonly intervalSeconds?: number;
  /** The newest of them. Default 1. */
  readonly maxSamples?: number;
}

/** The only statistics of clusters, datastores, resource pools and datacenters; up to half an hour late. */
export interface HistoricalQuery {
  readonly kind: 'historical';
  /** The sampling period of a historical interval. */
  readonly intervalSeconds: number;
  readonly startTime: Date;
  readonly endTime?: Date;
  /** vCenter ignores it here; what stands in for one may not. */
  readonly maxSamples?: number;
  /** What `readMaxQueryMetrics` gave. */
  readonly maxQueryMetrics: number;
}

/** What vSphere keeps: an hour of 20 s, which one may answer that ignores `maxSample`. */
const REALTIME_SAMPLES = 180;
/** More than any interval of vCenter keeps, a day of 5 minutes to five days of 1 minute. */
const HISTORICAL_SAMPLES = 10_000;

/** How many values a series of the answer may have. */
export const maxSamplesOf = (query: PerfQuery): number =>
  query.kind === 'realtime' ? Math.max(query.maxSamples ?? 1, REALTIME_SAMPLES) : HISTORICAL_SAMPLES;

/** One call for all metrics of all entities. Without any metric vSphere would answer all that it has. */
export function toCall(manager: MoRef, query: PerfQuery): SoapCall {
  const metrics = query.metrics.map(toMetricId).join('');
  let specs = '';
  // Added up and not joined: a megabyte that V8 puts together once, when it becomes bytes.
  for (const entity of query.entities) specs += toQuerySpec(entity, query, metrics);
  return methodCall('QueryPerf', manager, specs);
}

/** In the CSV form a series is one element, however many values it has; the other form has one a value. */
function toQuerySpec(entity: MoRef, query: PerfQuery, metrics: string): string {
  const { startTime, endTime, maxSamples } =
    query.kind === 'realtime'
      ? { startTime: undefined, endTime: undefined, maxSamples: query.maxSamples ?? 1 }
      : query;
  return (
    `<querySpec>${reference('entity', entity)}` +
    (startTime === undefined ? '' : textElement('startTime', startTime.toISOString())) +
    (endTime === undefined ? '' : textElement('endTime', endTime.toISOString())) +
    (maxSamples === undefined ? '' : textElement('maxSample', String(maxSamples))) +
    metrics +
    textElement('intervalId', String(query.intervalSeconds ?? 20)) +
    '<format>csv</format></querySpec>'
  );
}

function toMetricId({ counterId, instance }: PerfMetricId): string {
  const fields = textElement('counterId', String(counterId)) + textElement('instance', instance);
  return `<metricId>${fields}</metricId>`;
}
