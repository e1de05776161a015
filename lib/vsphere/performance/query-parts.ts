import { chunksOf } from '../../platform/chunks-of.ts';
import type { MoRef } from '../property/retrieved-object.ts';
import type { PerfMetricId } from './perf-provider.ts';

/** The entities and metrics of one call: every metric is asked for of every entity. */
export interface QueryPart {
  readonly entities: readonly MoRef[];
  readonly metrics: readonly PerfMetricId[];
}

/** Real-time statistics come from memory; more entities than this only make the answers of one call larger. */
const REALTIME_ENTITIES = 256;
/** Of more samples each, an answer has fewer entities: it stays as large as that of some minutes. */
const REALTIME_SAMPLES = 256 * 12;

/**
 * vCenter refuses requests of more than 500,000 XML elements or 20 MB. An element is about 30 bytes here, so the
 * bytes are the narrower limit by little; this stays clear of both.
 */
const ELEMENTS = 300_000;
/** Of a query's specification, without its metrics, and of each metric (`metricId`, `counterId`, `instance`). */
const ELEMENTS_PER_ENTITY = 7;
const ELEMENTS_PER_METRIC = 3;

/**
 * Parts that vCenter takes: historical statistics are counted as entities times metrics. All parts of an entity come one
 * after the other.
 */
export function toParts(
  { entities, metrics }: QueryPart,
  {
    maxQueryMetrics,
    maxSamples = 1,
  }: { maxQueryMetrics: number | undefined; maxSamples?: number | undefined },
): readonly QueryPart[] {
  const metricsInOne = Math.floor((ELEMENTS - ELEMENTS_PER_ENTITY) / ELEMENTS_PER_METRIC);
  const chunks = chunksOf(metrics, Math.min(maxQueryMetrics ?? metricsInOne, metricsInOne));
  if (chunks.length > 1)
    return entities.flatMap((entity) => chunks.map((chunk) => ({ entities: [entity], metrics: chunk })));
  if (metrics.length === 0) return [];
  const realtime = Math.max(1, Math.min(REALTIME_ENTITIES, Math.floor(REALTIME_SAMPLES / maxSamples)));
  const entitiesInOne = Math.min(
    maxQueryMetrics === undefined ? realtime : Math.floor(maxQueryMetrics / metrics.length),
    Math.floor(ELEMENTS / (ELEMENTS_PER_ENTITY + ELEMENTS_PER_METRIC * metrics.length)),
  );
  return chunksOf(entities, entitiesInOne).map((some) => ({ entities: some, metrics }));
}

/** Two halves by entities, or by metrics when there is but one entity; undefined for one metric of one entity. */
export function halve({ entities, metrics }: QueryPart): readonly QueryPart[] | undefined {
  if (entities.length > 1) {
    return chunksOf(entities, Math.ceil(entities.length / 2)).map((half) => ({ entities: half, metrics }));
  }
  if (metrics.length <= 1) return undefined;
  return chunksOf(metrics, Math.ceil(metrics.length / 2)).map((half) => ({ entities, metrics: half }));
}
