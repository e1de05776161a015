import { type CounterReading, type InstanceValue, readNeed } from '../catalogue/sources/counter.ts';
import type { EntityMetrics, MetricSeries } from '../vsphere/performance/entity-metrics.ts';
import type { PerfCounters } from '../vsphere/performance/perf-counter.ts';
import type { PerfMetricId } from '../vsphere/performance/perf-provider.ts';

/** What a target is asked for, and what of it the target does not have. */
export interface AskedCounters {
  readonly metrics: readonly PerfMetricId[];
  readonly names: ReadonlyMap<number, string>;
  readonly unknown: ReadonlySet<string>;
}

/** The ids that the target has for the names in needs. */
export function toAsked(needs: readonly string[], known: PerfCounters): AskedCounters {
  const names = new Map<number, string>();
  const unknown = new Set<string>();
  const metrics: PerfMetricId[] = [];
  for (const { counter, ofInstances } of needs.map(readNeed)) {
    const id = known.byName(counter)?.key;
    if (id === undefined) unknown.add(counter);
    else {
      names.set(id, counter);
      metrics.push({ counterId: id, instance: ofInstances ? '*' : '' });
    }
  }
  return { metrics: onceEach(metrics), names, unknown };
}

/** A counter is asked for once: all its instances hold the whole item, too. */
function onceEach(metrics: readonly PerfMetricId[]): readonly PerfMetricId[] {
  const byCounter = new Map<number, PerfMetricId>();
  for (const metric of metrics)
    if (metric.instance === '*' || !byCounter.has(metric.counterId)) byCounter.set(metric.counterId, metric);
  return [...byCounter.values()];
}

/** The newest value of each counter of each entity, of those after `since` (epoch ms), once all its answers are there. */
export async function* readingsOf(
  answers: AsyncIterable<EntityMetrics>,
  { names, unknown }: Pick<AskedCounters, 'names' | 'unknown'>,
  { since = 0 }: { readonly since?: number } = {},
): AsyncGenerator<readonly [moref: string, reading: CounterReading]> {
  for await (const [moref, parts] of wholeEntities(answers)) {
    const series = parts.flatMap((part) => part.series);
    const problems = [...new Set(parts.flatMap((part) => problemsOf(part, names)))];
    yield [
      moref,
      { values: valuesOf(series, names, since), unknown, ...(problems.length === 0 ? {} : { problems }) },
    ];
  }
}

/** All answers of each entity: one whose metrics take several calls comes several times, one after the other. */
export async function* wholeEntities(
  answers: AsyncIterable<EntityMetrics>,
): AsyncGenerator<readonly [moref: string, parts: readonly EntityMetrics[]]> {
  let moref: string | undefined;
  let parts: EntityMetrics[] = [];
  for await (const answer of answers) {
    const { value } = answer.entity;
    if (moref !== undefined && moref !== value) {
      yield [moref, parts];
      parts = [];
    }
    moref = value;
    parts.push(answer);
  }
  if (moref !== undefined) yield [moref, parts];
}

/** In words that are the same for every entity, so that they are counted. */
export function problemsOf(
  { missing, fault, metrics, spoilt = 0 }: EntityMetrics,
  names: ReadonlyMap<number, string>,
): readonly string[] {
  const spoiltOnes = spoilt > 0 ? [SPOILT] : [];
  if (missing === undefined) return spoiltOnes;
  if (missing !== 'refused') return [...spoiltOnes, WORDS[missing]];
  const which = metrics?.map(({ counterId }) => names.get(counterId) ?? counterId).join(', ');
  const what = which === undefined ? 'its counters' : `the counter ${which}`;
  return [...spoiltOnes, `vCenter refused ${what}: ${fault?.fault ?? 'no fault'}`];
}

const SPOILT = 'series of counters came with missing values, or with too many, and were left out';
const WORDS = {
  restricted: 'the limit config.vpxd.stats.maxQueryMetrics forbids its counters',
  vanished: 'vCenter no longer has the object, or no counters of its kind',
  'no-data': 'vCenter answered nothing for its counters',
} as const;

function valuesOf(
  series: readonly MetricSeries[],
  names: ReadonlyMap<number, string>,
  since: number,
): CounterReading['values'] {
  const values = new Map<string, InstanceValue[]>();
  for (const { counterId, instance, samples } of series) {
    const name = names.get(counterId);
    const value = samples.findLast((sample) => sample.value !== undefined && sample.time >= since)?.value;
    if (name === undefined || value === undefined) continue;
    const list = values.get(name) ?? [];
    list.push({ instance, value });
    values.set(name, list);
  }
  return values;
}
