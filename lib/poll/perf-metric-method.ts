import type { EntityMetrics } from '../vsphere/performance/entity-metrics.ts';
import {
  type HistoricalInterval,
  readHistoricalIntervals,
} from '../vsphere/performance/historical-interval.ts';
import { readMaxQueryMetrics } from '../vsphere/performance/max-query-metrics.ts';
import { queryPerfProviderSummary } from '../vsphere/performance/perf-provider.ts';
import { queryPerf } from '../vsphere/performance/query-perf.ts';
import type { MoRef } from '../vsphere/property/retrieved-object.ts';
import { PollError } from './errors.ts';
import { requireObject } from './find-object.ts';
import type { PollMethod, PollRequest, PollSession } from './method.ts';
import { perfCountersOf } from './perf-counters.ts';
import { UNKNOWN_COUNTER } from './perf-metric-info-method.ts';
import { printPythonTime } from './python-text.ts';
import type { PollResult } from './reply.ts';
import { RUNNING_PATHS, requireRunning } from './running-object.ts';
import type { Subject } from './subject.ts';

export interface PerfMetricOptions extends Pick<PollMethod, 'requiredKeys'> {
  /** What vPoller calls an object that has to be powered on and connected. */
  readonly running?: 'Host' | 'VM';
  /** Whether a request may ask for several samples and for an instance. */
  readonly takesInstances: boolean;
}

/** A method that answers values of one performance counter of one object: the newest, or those of an interval. */
export function perfMetricMethod(
  subject: Subject,
  { requiredKeys, running, takesInstances }: PerfMetricOptions,
): PollMethod {
  return {
    name: `${subject.prefix}.perf.metric.get`,
    summary: `values of one performance counter of one ${subject.type}`,
    requiredKeys,
    successMessage: 'Successfully retrieved performance metrics',
    async run(session, request, { signal }) {
      const object = await requireObject(
        session,
        request,
        { subject, paths: running === undefined ? [] : RUNNING_PATHS, notFound: 'Cannot find object:' },
        { signal },
      );
      if (running !== undefined) requireRunning(object, { called: running, purpose: 'performance metrics' });
      const which = takesInstances
        ? { maxSamples: toMaxSamples(request.maxSample), instance: request.instance ?? '' }
        : { maxSamples: 1, instance: '' };
      return queryMetric(session, { entity: object.moref, request, ...which }, { signal });
    },
  };
}

/** A whole year of days has 365 samples, and a host may have hundreds of instances. */
const MAX_ROWS = 100_000;

async function queryMetric(
  session: PollSession,
  asked: { entity: MoRef; request: PollRequest; maxSamples: number; instance: string },
  { signal }: { signal: AbortSignal },
): Promise<readonly PollResult[]> {
  const { entity, request, maxSamples, instance } = asked;
  const { counterName = '', name } = request;
  const interval = await readInterval(session, { entity, request }, { signal });
  const counter = (await perfCountersOf(session, { signal })).byName(counterName);
  if (counter === undefined) throw new PollError(UNKNOWN_COUNTER, { code: 'request' });
  const query = {
    entities: [entity],
    metrics: [{ counterId: counter.key, instance }],
    maxSamples,
    ...toRange(interval, session.now()),
  };
  const failure = (why: string) =>
    new PollError(`Cannot retrieve performance metrics for ${name}: ${why}`, { code: 'unavailable' });
  const results: PollResult[] = [];
  for await (const answer of queryPerf(session, query, { signal })) {
    if (answer.fault !== undefined) throw answer.fault;
    if (answer.spoilt !== undefined) throw failure('vCenter sent values that cannot be read; ask again');
    if (answer.missing === 'vanished') throw failure('it is no longer there');
    if (answer.missing === 'restricted') {
      const limit = await readMaxQueryMetrics(session, { signal });
      throw failure(
        `vCenter's setting config.vpxd.stats.maxQueryMetrics (${limit}) does not allow it. Raise the setting, ` +
          'or ask for a single instance',
      );
    }
    results.push(...toRows(answer, counterName));
    if (results.length > MAX_ROWS) {
      throw failure(`there are more than ${MAX_ROWS} samples; ask for one instance`);
    }
  }
  return results;
}

/**
 * vPoller asks for historical statistics without a time range, and gets all that vCenter keeps of the interval,
 * whatever `max-sample` is. The same comes of the length of the interval, beyond which vCenter then need not search
 * its database; one sample more than that, for clocks that differ.
 */
function toRange(interval: Interval, now: number) {
  const intervalSeconds = interval.samplingPeriodSeconds;
  if (interval.lengthSeconds === undefined) return { kind: 'realtime', intervalSeconds } as const;
  const startTime = new Date(now - (interval.lengthSeconds + intervalSeconds) * 1_000);
  return { kind: 'historical', intervalSeconds, startTime, maxQueryMetrics: 1 } as const;
}

/** Real-time statistics have no length. */
type Interval = Pick<HistoricalInterval, 'samplingPeriodSeconds'> &
  Partial<Pick<HistoricalInterval, 'lengthSeconds'>>;

/** The historical interval of that name, else that of the real-time statistics. */
async function readInterval(
  session: PollSession,
  { entity, request }: { entity: MoRef; request: PollRequest },
  { signal }: { signal: AbortSignal },
): Promise<Interval> {
  const { perfInterval, name } = request;
  const { currentSupported, refreshRateSeconds } = await queryPerfProviderSummary(session, entity, {
    signal,
  });
  if (perfInterval !== undefined) {
    const intervals = await readHistoricalIntervals(session, { signal });
    const interval = intervals.findLast((one) => one.name === perfInterval);
    if (interval !== undefined) return interval;
    throw new PollError(`Historical interval ${perfInterval} does not exists`, { code: 'request' });
  }
  if (currentSupported && refreshRateSeconds !== undefined) {
    return { samplingPeriodSeconds: refreshRateSeconds };
  }
  throw new PollError(`No historical performance interval provided for entity ${name}`, { code: 'request' });
}

/** vSphere writes -1 for an interval of which it has no value, and so does vPoller. */
function toRows({ series }: EntityMetrics, counterName: string): readonly PollResult[] {
  return series.flatMap(({ instance, samples }) =>
    samples.map(({ intervalSeconds, time, value }) => ({
      interval: intervalSeconds,
      timestamp: printPythonTime(new Date(time).toISOString()),
      counterId: counterName,
      instance,
      value: value ?? -1,
    })),
  );
}

/** A whole number as text, 1 by default. */
function toMaxSamples(written: string | undefined): number {
  if (written === undefined) return 1;
  if (/^\s*\+?0*[1-9]\d{0,5}\s*$/.test(written)) return Number(written);
  throw new PollError('Invalid message, cannot retrieve performance metrics', { code: 'request' });
}
