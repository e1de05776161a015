import { MetricsError } from './errors.ts';
import type { MetricDefinition, Sample } from './family.ts';

/** Throws MetricsError when `sample` is not a series of `definition` that the exposition format can carry. */
export function checkSample(definition: MetricDefinition, sample: Sample): void {
  const { name: metric, labels } = definition;
  if (sample.labels.length !== labels.length) {
    throw new MetricsError('label-count', {
      metric,
      message: `a sample has ${sample.labels.length} label values, its labels are ${labels.join(', ') || 'none'}`,
    });
  }
  if (!Number.isFinite(sample.value)) {
    throw new MetricsError('not-finite', {
      metric,
      message: `the value ${sample.value} is no measurement; withhold the sample instead`,
    });
  }
}
