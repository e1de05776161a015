import { readHistoricalIntervals } from '../vsphere/performance/historical-interval.ts';
import type { ElementDescription } from '../vsphere/performance/perf-counter.ts';
import type { PollMethod } from './method.ts';
import { perfCountersOf } from './perf-counters.ts';

const metricInfo: PollMethod = {
  name: 'perf.metric.info',
  summary: 'all performance counters',
  requiredKeys: [],
  successMessage: 'Successfully retrieved performance metrics info',
  async run(session, _request, { signal }) {
    const { all } = await perfCountersOf(session, { signal });
    return all.map(({ key, name, group, unit, rollupType, statsType, level, perDeviceLevel }) => ({
      key,
      nameInfo: toInfo(name),
      groupInfo: toInfo(group),
      unitInfo: toInfo(unit),
      rollupType,
      statsType,
      level: level ?? null,
      perDeviceLevel: perDeviceLevel ?? null,
    }));
  },
};

const intervalInfo: PollMethod = {
  name: 'perf.interval.info',
  summary: 'the historical intervals; their names are values of `perf-interval`',
  requiredKeys: [],
  successMessage: 'Successfully retrieved performance historical intervals',
  async run(session, _request, { signal }) {
    const intervals = await readHistoricalIntervals(session, { signal });
    return intervals.map(({ enabled, key, lengthSeconds, level, name, samplingPeriodSeconds }) => ({
      enabled,
      key,
      length: lengthSeconds,
      level: level ?? null,
      name,
      samplingPeriod: samplingPeriodSeconds,
    }));
  },
};

/** The methods of the PerformanceManager. */
export const performanceMethods: readonly PollMethod[] = [metricInfo, intervalInfo];

const toInfo = ({ label, summary, key }: ElementDescription) => ({ label, summary, key });
