/** A line of a function's log: what Powertools printed, no longer JSON. */
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
