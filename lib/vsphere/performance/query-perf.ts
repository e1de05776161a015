import { isNotAuthenticated, VsphereFaultError, VsphereReplyError } from '../errors.ts';
import type { RetrievalSession } from '../property/retrieval.ts';
import type { MoRef } from '../property/retrieved-object.ts';
import { requireManager } from '../service-content.ts';
import { streamValues } from '../soap/soap-reply.ts';
import { methodCall, reference, textElement } from '../soap/soap-request.ts';
import type { SoapCall } from '../soap/transport.ts';
import { type EntityMetrics, toEntityMetrics } from './entity-metrics.ts';
import type { PerfMetricId } from './perf-provider.ts';
import { halve, type QueryPart, toParts } from './query-parts.ts';

export type PerfQuery = QueryPart & (RealtimeQuery | HistoricalQuery);

/** Hosts and virtual machines of the last hour, straight from memory. */
interface RealtimeQuery {
  readonly kind: 'realtime';
  /** The provider's refresh rate. Default 20. */
  readonly intervalSeconds?: number;
  /** The newest of them. Default 1. */
  readonly maxSamples?: number;
}

/** The only statistics of clusters, datastores, resource pools and datacenters; up to half an hour late. */
interface HistoricalQuery {
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

/**
 * What each entity has of each metric, while the replies stream. Each entity comes at least once, if only to say why
 * it has nothing; one whose metrics take several calls comes several times. What vSphere refuses as too much, or for
 * the sake of one entity, is asked for again in halves. Throws the fault that each of `MAX_REFUSALS` calls got: by then
 * it is no matter of single entities.
 */
export async function* queryPerf(
  session: RetrievalSession,
  query: PerfQuery,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<EntityMetrics, void, undefined> {
  const maxQueryMetrics = query.kind === 'historical' ? query.maxQueryMetrics : undefined;
  const refused = { calls: 0 };
  for (const part of toParts(query, { maxQueryMetrics })) {
    yield* queryPart(session, { ...query, ...part }, { signal, refused });
  }
}

/** What vSphere keeps: an hour of 20 s, which one may answer that ignores `maxSample`. */
const REALTIME_SAMPLES = 180;
/** More than any interval of vCenter keeps, a day of 5 minutes to five days of 1 minute. */
const HISTORICAL_SAMPLES = 10_000;

/** How many values a series may have. */
const maxSamplesOf = (query: PerfQuery): number =>
  query.kind === 'realtime' ? Math.max(query.maxSamples ?? 1, REALTIME_SAMPLES) : HISTORICAL_SAMPLES;

/** To find one entity among 256 takes nine refused calls. */
const MAX_REFUSALS = 100;

interface Asking {
  readonly signal: AbortSignal;
  /** Calls of the whole query that were `refused`. */
  readonly refused: { calls: number };
}

async function* queryPart(
  session: RetrievalSession,
  query: PerfQuery,
  asking: Asking,
): AsyncGenerator<EntityMetrics, void, undefined> {
  const asked = new Map(query.entities.map((entity) => [entity.value, entity]));
  const left = new Map(asked);
  let answers = 0;
  try {
    const call = toCall(requireManager(session.content, 'perfManager'), query);
    for await (const answer of streamValues(session.transport, call, asking)) {
      const metrics = toEntityMetrics(answer, { maxSamples: maxSamplesOf(query) });
      answers += 1;
      if (!asked.has(metrics.entity.value) || answers > query.entities.length) throw tooMuch(metrics.entity);
      left.delete(metrics.entity.value);
      yield metrics;
    }
    for (const entity of left.values()) yield { entity, series: [], missing: 'no-data' };
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    if (refusal === 'refused') asking.refused.calls += 1;
    if (asking.refused.calls > MAX_REFUSALS) throw error;
    // A fault comes instead of an answer, so nothing of this part was delivered yet.
    yield* queryHalves(session, query, { ...asking, refusal, error });
  }
}

async function* queryHalves(
  session: RetrievalSession,
  query: PerfQuery,
  { refusal, error, ...asking }: Asking & { readonly refusal: Refusal; readonly error: unknown },
): AsyncGenerator<EntityMetrics, void, undefined> {
  const isAlone = query.entities.length === 1;
  const isOfEntity = refusal === 'vanished' || refusal === 'refused';
  const halves = isAlone && isOfEntity ? undefined : halve(query);
  if (halves !== undefined) {
    for (const half of halves) yield* queryPart(session, { ...query, ...half }, asking);
    return;
  }
  if (refusal === 'too-large') throw error;
  const why = refusal === 'refused' && error instanceof VsphereFaultError ? { fault: error } : {};
  for (const entity of query.entities) yield { entity, series: [], missing: refusal, ...why };
}

/** vSphere answers once for each entity of the query. */
function tooMuch({ type, value }: MoRef): VsphereReplyError {
  const shown = `${type}:${value}`.slice(0, 100);
  return new VsphereReplyError(`QueryPerf was answered with more than was asked for: ${shown}`, {
    code: 'not-soap',
  });
}

type Refusal = 'vanished' | 'restricted' | 'refused' | 'too-large';

/**
 * By the fault's type, never by its words, which follow the server's language. RestrictedByAdministrator is what
 * vCenter throws for `vpxd.stats.maxQueryMetrics`; a request that its XML parser refuses, for one because it has too
 * many elements, is an InvalidRequest. One that is wrong throughout ends at its first half that is a single metric. Any
 * other fault may be that of one entity, such as HostNotConnected, HostCommunication or SystemError; that of a session
 * that has ended is not.
 */
function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof VsphereFaultError) || isNotAuthenticated(error)) return undefined;
  switch (error.fault) {
    case 'RestrictedByAdministrator':
      return 'restricted';
    case 'InvalidRequest':
      return 'too-large';
    case 'ManagedObjectNotFound':
      return 'vanished';
    case 'InvalidArgument':
      // Any other argument, such as the interval, is wrong for every entity alike.
      return /entity$/i.test(error.fields.get('invalidProperty') ?? '') ? 'vanished' : undefined;
    default:
      return 'refused';
  }
}

function toCall(manager: MoRef, query: PerfQuery): SoapCall {
  const metrics = query.metrics.map(toMetricId).join('');
  const specs = query.entities.map((entity) => toQuerySpec(entity, query, metrics)).join('');
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
