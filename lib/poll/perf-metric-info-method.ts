import { fullNameOf } from '../vsphere/performance/perf-counter.ts';
import { queryAvailablePerfMetrics, queryPerfProviderSummary } from '../vsphere/performance/perf-provider.ts';
import { PollError } from './errors.ts';
import { requireObject } from './find-object.ts';
import type { PollMethod } from './method.ts';
import { perfCountersOf } from './perf-counters.ts';
import type { Subject } from './subject.ts';

export const UNKNOWN_COUNTER = 'Unknown performance counter requested';

/** A method that answers which counters and instances one object has, of all or of one counter. */
export function perfMetricInfoMethod(
  subject: Subject,
  { requiredKeys }: Pick<PollMethod, 'requiredKeys'>,
): PollMethod {
  return {
    name: `${subject.prefix}.perf.metric.info`,
    summary: `the performance counters that one ${subject.type} has, or the instances of one of them`,
    requiredKeys,
    successMessage: 'Successfully retrieved performance metrics',
    async run(session, request, { signal }) {
      const { moref: entity } = await requireObject(session, request, { subject, paths: [] }, { signal });
      const counters = await perfCountersOf(session, { signal });
      const { counterName } = request;
      const only = counterName === undefined ? undefined : counters.byName(counterName);
      if (counterName !== undefined && only === undefined) {
        throw new PollError(UNKNOWN_COUNTER, { code: 'request' });
      }
      const { currentSupported, refreshRateSeconds } = await queryPerfProviderSummary(session, entity, {
        signal,
      });
      const interval =
        currentSupported && refreshRateSeconds !== undefined ? { intervalSeconds: refreshRateSeconds } : {};
      const metrics = await queryAvailablePerfMetrics(session, { entity, ...interval }, { signal });
      return metrics
        .filter(({ counterId }) => only === undefined || counterId === only.key)
        .map(({ counterId, instance }) => {
          const counter = counters.byKey(counterId);
          return { counterId: counter === undefined ? String(counterId) : fullNameOf(counter), instance };
        });
    },
  };
}
