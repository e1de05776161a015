import { type VsphereFaultError, VsphereReplyError } from '../errors.ts';
import type { RetrievalSession } from '../property/retrieval.ts';
import type { MoRef } from '../property/retrieved-object.ts';
import { requireManager } from '../service-content.ts';
import { buildUnits } from '../soap/soap-reply.ts';
import type { EntityMetrics } from './entity-metrics.ts';
import { EntityMetricsBuilder } from './entity-metrics-builder.ts';
import type { PerfMetricId } from './perf-provider.ts';
import { maxSamplesOf, type PerfQuery, toCall } from './query-call.ts';
import { halve, toParts } from './query-parts.ts';
import { isOfSingleOnes, type Refusal, refusalOf } from './query-refusal.ts';

export type { PerfQuery } from './query-call.ts';

/**
 * What each entity has of each metric, while the replies stream. Each entity comes at least once, if only to say why
 * it has nothing; one whose metrics take several calls comes several times, one after the other. What vSphere refuses as
 * too much, or for the sake of one entity or metric, is asked for again in halves. Of a part with more than
 * `MAX_REFUSALS` refused calls the rest is asked for once more and then `refused`. Throws the fault if by then no call
 * of the query was answered: it is no matter of single entities.
 */
export async function* queryPerf(
  session: RetrievalSession,
  query: PerfQuery,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<EntityMetrics, void, undefined> {
  const maxQueryMetrics = query.kind === 'historical' ? query.maxQueryMetrics : undefined;
  const known: Known = { answered: false, wrong: new Map() };
  const maxSamples = query.kind === 'realtime' ? query.maxSamples : undefined;
  for (const part of toParts(query, { maxQueryMetrics, maxSamples })) {
    const refused: Refused = { calls: 0, last: undefined };
    yield* queryPart(session, { ...query, ...part }, { signal, known, refused });
    if (refused.calls > MAX_REFUSALS && !known.answered) throw refused.last;
  }
}

/** To find one entity among 256 takes nine refused calls. */
const MAX_REFUSALS = 100;

/** What the calls of the whole query showed. */
interface Known {
  answered: boolean;
  /** Metrics that vCenter refuses of any entity. */
  readonly wrong: Map<PerfMetricId, VsphereFaultError>;
}

/** Calls of one part that were refused for the sake of single entities or metrics. */
interface Refused {
  calls: number;
  last: VsphereFaultError | undefined;
}

interface Asking {
  readonly signal: AbortSignal;
  readonly known: Known;
  readonly refused: Refused;
}

async function* queryPart(
  session: RetrievalSession,
  query: PerfQuery,
  asking: Asking,
): AsyncGenerator<EntityMetrics, void, undefined> {
  const { known, refused } = asking;
  const metrics = query.metrics.filter((metric) => !known.wrong.has(metric));
  const leftOut = (entity: MoRef) => withoutMetrics(entity, query.metrics, known.wrong);
  if (metrics.length === 0) {
    for (const entity of query.entities) yield* leftOut(entity);
    return;
  }
  try {
    for await (const answer of askOnce(session, { ...query, metrics }, asking)) {
      yield answer;
      yield* leftOut(answer.entity);
    }
    known.answered = true;
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    if (isOfSingleOnes(refusal)) {
      refused.calls += 1;
      refused.last = refusal.fault;
    }
    // A fault comes instead of an answer, so nothing of this part was delivered yet.
    if (refused.calls > MAX_REFUSALS) yield* missing(query.entities, { ...refusal, kind: 'refused' });
    else yield* queryLess(session, query, { ...asking, refusal });
  }
}

/** Each entity of the query, as it is answered by one call. */
async function* askOnce(
  session: RetrievalSession,
  query: PerfQuery,
  { signal }: Pick<Asking, 'signal'>,
): AsyncGenerator<EntityMetrics, void, undefined> {
  const asked = new Map(query.entities.map((entity) => [entity.value, entity]));
  const left = new Map(asked);
  const maxSamples = maxSamplesOf(query);
  let answers = 0;
  const call = toCall(requireManager(session.content, 'perfManager'), query);
  const builder = new EntityMetricsBuilder({ maxSamples });
  await using reply = await session.transport(call, { signal });
  for await (const metrics of buildUnits(reply, { operation: call.operation, depth: 3, builder })) {
    if (!('entity' in metrics)) continue;
    answers += 1;
    if (!asked.has(metrics.entity.value) || answers > query.entities.length) throw tooMuch(metrics.entity);
    left.delete(metrics.entity.value);
    yield metrics;
  }
  for (const entity of left.values()) yield { entity, series: [], missing: 'no-data' };
}

/** The same in smaller parts, and what cannot be smaller as refused. */
async function* queryLess(
  session: RetrievalSession,
  query: PerfQuery,
  { refusal, ...asking }: Asking & { readonly refusal: Refusal },
): AsyncGenerator<EntityMetrics, void, undefined> {
  const parts = lessOf(query, refusal);
  if (parts !== undefined) {
    for (const part of parts) yield* queryPart(session, { ...query, ...part }, asking);
    return;
  }
  const [metric] = query.metrics;
  if (refusal.kind === 'too-large') throw refusal.fault;
  if (refusal.kind === 'wrong-metric' && metric !== undefined) asking.known.wrong.set(metric, refusal.fault);
  yield* missing(query.entities, refusal, refusal.kind === 'wrong-metric' ? query.metrics : undefined);
}

/**
 * A wrong metric is looked for with the first entity alone, so that all others are asked once for all that is not wrong,
 * and their answers come one after the other.
 */
function lessOf(query: PerfQuery, { kind }: Refusal): ReturnType<typeof halve> {
  const { entities, metrics } = query;
  if (kind === 'wrong-metric' && metrics.length === 1) return undefined;
  if (kind === 'wrong-metric' && entities.length > 1) {
    return [entities.slice(0, 1), entities.slice(1)].map((some) => ({ entities: some, metrics }));
  }
  return entities.length === 1 && (kind === 'vanished' || kind === 'refused') ? undefined : halve(query);
}

function* missing(
  entities: readonly MoRef[],
  { kind, fault }: Refusal,
  metrics?: readonly PerfMetricId[],
): Generator<EntityMetrics> {
  const why =
    kind === 'vanished' || kind === 'restricted'
      ? { missing: kind }
      : ({ missing: 'refused', fault } as const);
  const which = metrics === undefined ? {} : { metrics };
  for (const entity of entities) yield { entity, series: [], ...why, ...which };
}

/** Those of the metrics that are wrong. */
function* withoutMetrics(
  entity: MoRef,
  metrics: readonly PerfMetricId[],
  wrong: Known['wrong'],
): Generator<EntityMetrics> {
  for (const metric of metrics) {
    const fault = wrong.get(metric);
    if (fault !== undefined) yield { entity, series: [], missing: 'refused', fault, metrics: [metric] };
  }
}

/** vSphere answers once for each entity of the query. */
function tooMuch({ type, value }: MoRef): VsphereReplyError {
  const shown = `${type}:${value}`.slice(0, 100);
  return new VsphereReplyError(`QueryPerf was answered with more than was asked for: ${shown}`, {
    code: 'not-soap',
  });
}
