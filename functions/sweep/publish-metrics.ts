import { namespaceOf, OUTCOME, SWEEP } from '../../lib/config/cloudwatch.ts';
import type { RunMetric } from '../../lib/sweep/result/run-metrics.ts';

interface Origin {
  /** The stack whose alarms and dashboard read the values. */
  readonly stack: string;
  readonly sweep: string;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
}

/**
 * The values of a run in CloudWatch's embedded metric format, a JSON object a set of dimensions. A set that a reader
 * does not name exactly is another metric, so these are all that there are
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
 */
export function printMetrics(values: readonly RunMetric[], { stack, sweep, timestamp }: Origin): string[] {
  const outcomes = [...new Set(values.map(({ outcome }) => outcome))];
  return outcomes.map((outcome) => {
    const dimensions = { [SWEEP]: sweep, ...(outcome === undefined ? {} : { [OUTCOME]: outcome }) };
    const metrics = values.filter((one) => one.outcome === outcome);
    return JSON.stringify({
      _aws: {
        Timestamp: timestamp,
        CloudWatchMetrics: [
          {
            Namespace: namespaceOf(stack),
            Dimensions: [Object.keys(dimensions)],
            Metrics: metrics.map(({ name, unit }) => ({ Name: name, Unit: unit })),
          },
        ],
      },
      ...dimensions,
      ...Object.fromEntries(metrics.map(({ name, value }) => [name, value])),
    });
  });
}

/** Prints them past `console`, before whose lines Lambda writes a time and a request id, so that they stay JSON. */
export function publishMetrics(values: readonly RunMetric[], origin: Origin): void {
  for (const line of printMetrics(values, origin)) process.stdout.write(`${line}\n`);
}
