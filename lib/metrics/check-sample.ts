import { MetricsError } from './errors.ts';
import type { MetricDefinition, Sample } from './family.ts';

/** Throws MetricsError when `sample` is not a measurement of a series of `definition`. */
export function checkSample(definition: MetricDefinition, sample: Sample): void {
  checkLabelCount(definition, sample);
  if (!Number.isFinite(sample.value)) {
    throw new MetricsError('not-finite', {
      metric: definition.name,
      message: `the value ${sample.value} is no measurement; withhold the sample instead`,
    });
  }
  // A writer prints it as it is, and readers take whole milliseconds only.
  if (sample.timeMs !== undefined && !Number.isSafeInteger(sample.timeMs)) {
    throw new MetricsError('bad-time', {
      metric: definition.name,
      message: `the time ${sample.timeMs} is not in whole milliseconds since the epoch; round it`,
    });
  }
}

/** Throws MetricsError when `sample` has not a value for each label of `definition`. */
export function checkLabelCount(
  { name: metric, labels }: MetricDefinition,
  sample: Pick<Sample, 'labels'>,
): void {
  if (sample.labels.length === labels.length) return;
  throw new MetricsError('label-count', {
    metric,
    message: `a sample has ${sample.labels.length} label values, its labels are ${labels.join(', ') || 'none'}`,
  });
}

/** https://prometheus.io/docs/concepts/data_model/ before names could be any UTF-8, which not every reader takes. */
const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Throws MetricsError when a name would not be read back as one, or a label is there twice. */
export function checkDefinition({ name: metric, labels }: MetricDefinition): void {
  const bad = METRIC_NAME.test(metric) ? labels.find((label) => !LABEL_NAME.test(label)) : metric;
  if (bad !== undefined) {
    throw new MetricsError('bad-name', {
      metric,
      message: `${JSON.stringify(bad)} is no name of a ${bad === metric ? 'metric' : 'label'}; use letters, digits and _, and no digit in front`,
    });
  }
  if (new Set(labels).size < labels.length) {
    throw new MetricsError('bad-name', { metric, message: `a label is named twice: ${labels.join(', ')}` });
  }
}
