import { Duration, Stack } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, type IWidget, MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { METRICS, namespaceOf, OUTCOME, SWEEP } from '../lib/config/cloudwatch.ts';
import type { SweepConfig } from '../lib/config/schema.ts';
import { sweepMetric } from './alarms.ts';
import type { FunctionName } from './bundle.ts';
import type { BundledFunction } from './bundled-function.ts';

/** One page: a row a sweep (hosts by outcome, runs, seconds), and one for the functions. */
export function addDashboard(
  scope: Construct,
  {
    sweeps,
    functions,
  }: {
    readonly sweeps: readonly SweepConfig[];
    readonly functions: Readonly<Partial<Record<FunctionName, BundledFunction>>>;
  },
): Dashboard {
  const stack = Stack.of(scope).stackName;
  const widgets = [...sweeps.map((sweep) => ofSweep(sweep, stack)), ofFunctions(functions)];
  return new Dashboard(scope, 'Dashboard', { widgets });
}

const THIRD = 8;

function ofSweep({ name, everyMs }: SweepConfig, stack: string): IWidget[] {
  const period = Duration.millis(everyMs);
  const metric = (metricName: string, statistic: string) =>
    sweepMetric(metricName, { stack, sweep: name, statistic, period });
  return [
    new GraphWidget({
      title: `${name}: hosts by outcome`,
      width: THIRD,
      stacked: true,
      left: [
        new MathExpression({
          expression: `SEARCH('{"${namespaceOf(stack)}",${SWEEP},${OUTCOME}} MetricName="${METRICS.hosts}" ${SWEEP}="${name}"', 'Maximum', ${period.toSeconds()})`,
          label: '',
          usingMetrics: {},
          period,
        }),
      ],
    }),
    new GraphWidget({
      title: `${name}: runs`,
      width: THIRD,
      left: [
        METRICS.runs,
        METRICS.failedRuns,
        METRICS.lateEvents,
        METRICS.leaseTargets,
        METRICS.duplicateTargets,
        METRICS.pushedTargets,
      ].map((one) => metric(one, Stats.SUM)),
    }),
    new GraphWidget({
      title: `${name}: seconds per run`,
      width: THIRD,
      left: [metric(METRICS.runSeconds, Stats.MAXIMUM)],
      leftAnnotations: [{ value: everyMs / 1_000, label: 'interval' }],
    }),
  ];
}

const ofFunctions = (functions: Readonly<Partial<Record<FunctionName, BundledFunction>>>): IWidget[] => {
  const all = Object.entries(functions);
  const period = Duration.minutes(1);
  return [
    new GraphWidget({
      title: 'Functions: duration in seconds',
      width: THIRD,
      left: all.map(([label, { duration }]) => duration.with({ label, statistic: Stats.MAXIMUM, period })),
    }),
    new GraphWidget({
      title: 'Functions: errors and throttles',
      width: THIRD,
      left: all.flatMap(([label, { errors, throttles }]) => [
        errors.with({ label: `${label} errors`, statistic: Stats.SUM, period }),
        throttles.with({ label: `${label} throttles`, statistic: Stats.SUM, period }),
      ]),
    }),
    new GraphWidget({
      title: 'Functions: concurrent executions',
      width: THIRD,
      left: all.map(([label, { concurrency }]) =>
        concurrency.with({ label, statistic: Stats.MAXIMUM, period }),
      ),
    }),
  ];
};
