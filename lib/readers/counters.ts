import { COUNTERS, type CounterReading, type InstanceValue, readNeed } from '../catalogue/sources/counter.ts';
import type { EntityMetrics, MetricSeries } from '../vsphere/performance/entity-metrics.ts';
import type { PerfMetricId } from '../vsphere/performance/perf-provider.ts';
import { queryPerf } from '../vsphere/performance/query-perf.ts';
import type { Reader } from './reader.ts';

const POWER_STATE = 'runtime.powerState';

/**
 * The newest real-time value of each counter: of 20 s, for hosts and virtual machines that are powered on. vCenter has no
 * real-time values of others, and some versions old ones. Every item that is asked comes, once all its values are there.
 */
export const counters: Reader<string, CounterReading> = {
  facts: COUNTERS,
  paths: [POWER_STATE],
  async *read(needs, items, { session, signal }) {
    const asked = needs.map(readNeed);
    const known = await session.counters({ signal });
    const names = new Map<number, string>();
    const unknown = new Set<string>();
    const metrics: PerfMetricId[] = [];
    for (const { counter, ofInstances } of asked) {
      const id = known.byName(counter)?.key;
      if (id === undefined) unknown.add(counter);
      else {
        names.set(id, counter);
        metrics.push({ counterId: id, instance: ofInstances ? '*' : '' });
      }
    }
    const entities = items
      .filter(({ properties }) => properties.get(POWER_STATE) === 'poweredOn')
      .map(({ type, moref }) => ({ type, value: moref }));
    if (metrics.length === 0) {
      for (const { value } of entities) yield [value, { values: new Map(), unknown }];
      return;
    }
    const answers = queryPerf(
      session.connection,
      { kind: 'realtime', entities, metrics: onceEach(metrics) },
      { signal },
    );
    for await (const [moref, answered] of wholeEntities(answers))
      yield [moref, { values: valuesOf(answered, names), unknown }];
  },
};

/** A counter is asked for once: all its instances hold the whole item, too. */
function onceEach(metrics: readonly PerfMetricId[]): readonly PerfMetricId[] {
  const byCounter = new Map<number, PerfMetricId>();
  for (const metric of metrics)
    if (metric.instance === '*' || !byCounter.has(metric.counterId)) byCounter.set(metric.counterId, metric);
  return [...byCounter.values()];
}

/** Each entity once: one whose metrics take several calls comes several times, one after the other. */
async function* wholeEntities(
  answers: AsyncIterable<EntityMetrics>,
): AsyncGenerator<readonly [moref: string, series: readonly MetricSeries[]]> {
  let last: [moref: string, series: readonly MetricSeries[]] | undefined;
  for await (const { entity, series } of answers) {
    if (last?.[0] === entity.value) {
      last[1] = [...last[1], ...series];
      continue;
    }
    if (last !== undefined) yield last;
    last = [entity.value, series];
  }
  if (last !== undefined) yield last;
}

function valuesOf(
  series: readonly MetricSeries[],
  names: ReadonlyMap<number, string>,
): CounterReading['values'] {
  const values = new Map<string, InstanceValue[]>();
  for (const { counterId, instance, samples } of series) {
    const name = names.get(counterId);
    const value = samples.findLast((sample) => sample.value !== undefined)?.value;
    if (name === undefined || value === undefined) continue;
    const list = values.get(name) ?? [];
    list.push({ instance, value });
    values.set(name, list);
  }
  return values;
}
