import { type CounterReading, HISTORICAL_COUNTERS, MAX_AGE_SECONDS } from '../catalogue/sources/counter.ts';
import { readCurrentTime } from '../vsphere/current-time.ts';
import { readHistoricalIntervals } from '../vsphere/performance/historical-interval.ts';
import { readMaxQueryMetrics } from '../vsphere/performance/max-query-metrics.ts';
import { queryPerf } from '../vsphere/performance/query-perf.ts';
import type { RetrievalSession } from '../vsphere/property/retrieval.ts';
import { readingsOf, toAsked } from './counter-readings.ts';
import type { Reader } from './reader.ts';

/** vCenter's own default. */
const INTERVAL_SECONDS = 300;

/**
 * The newest value of each counter in vCenter's database: the only ones of datastores and clusters. They come half an hour
 * late, so those of the last hour by vCenter's clock are asked for, as many a call as its limit allows. A vCenter that
 * keeps only longer intervals is not asked.
 */
export const historicalCounters: Reader<string, CounterReading> = {
  facts: HISTORICAL_COUNTERS,
  async *read(needs, items, { session, signal }) {
    const asked = toAsked(needs, await session.counters({ signal }));
    const { metrics, unknown } = asked;
    const entities = items.map(({ type, moref }) => ({ type, value: moref }));
    if (metrics.length === 0) {
      for (const { value } of entities) yield [value, { values: new Map(), unknown }];
      return;
    }
    const { connection } = session;
    const [intervalSeconds, maxQueryMetrics, now] = await Promise.all([
      readShortestInterval(connection, { signal }),
      readMaxQueryMetrics(connection, { signal }),
      readCurrentTime(connection, { signal }),
    ]);
    if (intervalSeconds > MAX_AGE_SECONDS) {
      for (const { value } of entities) yield [value, { values: new Map(), unknown, problems: [TOO_LONG] }];
      return;
    }
    const since = now - MAX_AGE_SECONDS * 1_000;
    const query = {
      kind: 'historical',
      intervalSeconds,
      startTime: new Date(since),
      maxQueryMetrics,
    } as const;
    yield* readingsOf(queryPerf(connection, { ...query, entities, metrics }, { signal }), asked, { since });
  },
};

const TOO_LONG =
  'every statistics interval up to an hour is disabled in vCenter. ' +
  'Enable that of 5 minutes under Configure > Settings > General > Edit > Statistics';

/** In seconds. An administrator may have disabled the first ones. */
async function readShortestInterval(
  connection: RetrievalSession,
  options: { signal: AbortSignal },
): Promise<number> {
  const intervals = await readHistoricalIntervals(connection, options);
  const enabled = intervals.filter((one) => one.enabled).map((one) => one.samplingPeriodSeconds);
  return enabled.length === 0 ? INTERVAL_SECONDS : Math.min(...enabled);
}
