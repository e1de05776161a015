import { Metrics } from '@aws-lambda-powertools/metrics';
import { NAMESPACE, OUTCOME, SWEEP } from '../../lib/config/cloudwatch.ts';
import type { RunMetric } from '../../lib/sweep/run-metrics.ts';

/** Prints the values of a run in CloudWatch's embedded metric format, from which it makes metrics. */
export function publishMetrics(sweep: string, values: readonly RunMetric[]): void {
  const metrics = new Metrics({ namespace: NAMESPACE });
  metrics.addDimension(SWEEP, sweep);
  for (const { name, unit, value } of values.filter(({ outcome }) => outcome === undefined)) {
    metrics.addMetric(name, unit, value);
  }
  metrics.publishStoredMetrics();
  for (const { name, unit, value, outcome } of values) {
    if (outcome === undefined) continue;
    const one = metrics.singleMetric();
    one.addDimensions({ [SWEEP]: sweep, [OUTCOME]: outcome });
    one.addMetric(name, unit, value);
  }
}
