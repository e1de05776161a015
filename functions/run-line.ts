import type { LogFields } from '../lib/platform/log.ts';
import type { RunSummary } from '../lib/sweep/result/summary.ts';

/** What the log says of a run, on one line. */
export const toRunLine = ({ runId, exitCode, startedAt, endedAt, targets }: RunSummary): LogFields => ({
  runId,
  exitCode,
  seconds: (endedAt - startedAt) / 1_000,
  targets: targets.length,
  hosts: targets.reduce((sum, { hosts }) => sum + hosts.length, 0),
  delivered: deliveredBySink(targets),
});

/** How many targets each sink took: `pushgateway: 2`. */
const deliveredBySink = (targets: RunSummary['targets']): string =>
  [
    ...Map.groupBy(
      targets.flatMap(({ deliveries }) => deliveries),
      ({ sink }) => sink,
    ),
  ]
    .map(([sink, all]) => `${sink}: ${all.filter(({ outcome }) => outcome === 'delivered').length}`)
    .join(', ');
