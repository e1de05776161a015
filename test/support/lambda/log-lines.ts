/** A line of a function's log, no longer JSON. */
export type LogLine = Readonly<Record<string, unknown>>;

/** The complete lines that are JSON objects; the functions print no others. */
export function logLines(log: string): LogLine[] {
  return log
    .slice(0, log.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** The lines from which CloudWatch makes metrics, without the envelope. */
export const metricLines = (log: string): LogLine[] =>
  logLines(log).flatMap(({ _aws, ...values }) => (_aws === undefined ? [] : [values]));

interface Envelope {
  readonly CloudWatchMetrics: readonly {
    readonly Namespace: string;
    readonly Dimensions: readonly (readonly string[])[];
    readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
  }[];
}

/** A metric of which CloudWatch gets a value. */
export interface EmittedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, unknown>>;
  readonly value: unknown;
}

/**
 * The metrics that CloudWatch makes of a log: one for each name and set of dimensions of each line
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
 */
export const emittedMetrics = (log: string): EmittedMetric[] =>
  logLines(log).flatMap((line) =>
    ((line['_aws'] as Envelope | undefined)?.CloudWatchMetrics ?? []).flatMap(
      ({ Namespace, Dimensions, Metrics }) =>
        Dimensions.flatMap((set) =>
          Metrics.map(({ Name }) => ({
            namespace: Namespace,
            name: Name,
            dimensions: Object.fromEntries(set.map((dimension) => [dimension, line[dimension]])),
            value: line[Name],
          })),
        ),
    ),
  );
