import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { namespaceOf, SWEEP } from '../lib/config/cloudwatch.ts';
import type { SweepConfig } from '../lib/config/schema.ts';
import {
  functionAlarms,
  type ServiceAlarm,
  type ServiceAlarmName,
  type SweepAlarm,
  serviceAlarms,
  sweepAlarms,
} from './alarm-table.ts';
import { type AlarmWindow, windowOf } from './alarm-window.ts';
import type { FunctionName } from './bundle.ts';
import type { BundledFunction } from './bundled-function.ts';

interface AlarmsProps {
  readonly topic: ITopic;
  readonly sweeps: readonly SweepConfig[];
  readonly functions: Readonly<Partial<Record<FunctionName, BundledFunction>>>;
  /** What Lambda gives to the sweep function; undefined where a task runs the sweeps. */
  readonly sweepTimeout: Duration | undefined;
  /** The dimensions by which AWS names what there is of these; an alarm without a resource is not made. */
  readonly resources: { readonly [Name in ServiceAlarmName]?: Readonly<Record<string, string>> | undefined };
  /** Whether there is a Pushgateway to push to. */
  readonly pushes: boolean;
}

const COMPARISONS = {
  atLeast: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  below: ComparisonOperator.LESS_THAN_THRESHOLD,
};
const SILENCE = { breaching: TreatMissingData.BREACHING, notBreaching: TreatMissingData.NOT_BREACHING };

/** The alarms of a deployment, made from `alarm-table.ts`. */
export class Alarms extends Construct {
  readonly #topic: ITopic;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.#topic = props.topic;
    const { sweeps, sweepTimeout, functions, resources, pushes } = props;
    for (const sweep of sweeps) {
      const { stackName: stack } = Stack.of(this);
      const rows = sweepAlarms({ ...sweep, stack, timeoutMs: sweepTimeout?.toMilliseconds(), pushes });
      for (const [kind, row] of Object.entries(rows)) this.#watchSweep(`${kind}-${sweep.name}`, row, sweep);
    }
    const longestMs = Math.max(...sweeps.map(({ everyMs }) => everyMs));
    for (const [name, { functionName }] of Object.entries(functions)) {
      for (const [kind, row] of Object.entries(functionAlarms(name as FunctionName, longestMs))) {
        this.#watchService(`${kind}-${name}`, row, { FunctionName: functionName });
      }
    }
    for (const [name, row] of Object.entries(serviceAlarms(longestMs))) {
      const dimensions = resources[name as ServiceAlarmName];
      if (dimensions !== undefined) this.#watchService(name, row, dimensions);
    }
  }

  #watchSweep(name: string, row: SweepAlarm, { name: sweep, everyMs }: SweepConfig): void {
    const window = windowOf(everyMs, row);
    const stack = Stack.of(this).stackName;
    const period = Duration.seconds(window.periodSeconds);
    const metric = sweepMetric(row.metric, { stack, sweep, statistic: row.statistic, period });
    this.#watch(name, { row, metric, window });
  }

  #watchService(name: string, row: ServiceAlarm, dimensionsMap: Readonly<Record<string, string>>): void {
    const { namespace, metrics, statistic, periodSeconds } = row;
    const period = Duration.seconds(periodSeconds);
    const all = metrics.map(
      (metricName) =>
        new Metric({ namespace, metricName, dimensionsMap: { ...dimensionsMap }, statistic, period }),
    );
    const [only] = all;
    const metric = all.length === 1 && only !== undefined ? only : sumOf(all, period);
    this.#watch(name, { row, metric, window: row });
  }

  #watch(
    name: string,
    { row, metric, window }: { row: SweepAlarm | ServiceAlarm; metric: IMetric; window: AlarmWindow },
  ): void {
    const alarm = new Alarm(this, name, {
      alarmName: `${Stack.of(this).stackName}-${name}`,
      alarmDescription: row.description,
      metric,
      comparisonOperator: COMPARISONS[row.comparison],
      threshold: row.threshold,
      evaluationPeriods: window.periods,
      datapointsToAlarm: window.datapoints,
      treatMissingData: SILENCE[row.silence],
    });
    alarm.addAlarmAction(new SnsAction(this.#topic));
    alarm.addOkAction(new SnsAction(this.#topic));
  }
}

/** Of metrics of which nothing is written where nothing happens. */
function sumOf(metrics: readonly Metric[], period: Duration): MathExpression {
  const named = metrics.map((metric, index) => [`m${index}`, metric] as const);
  return new MathExpression({
    expression: named.map(([name]) => `FILL(${name}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(named),
    period,
  });
}

/** A value that the sweep function writes of one sweep. */
export const sweepMetric = (
  metricName: string,
  of: { stack: string; sweep: string; statistic: string; period: Duration },
): Metric =>
  new Metric({
    namespace: namespaceOf(of.stack),
    metricName,
    dimensionsMap: { [SWEEP]: of.sweep },
    statistic: of.statistic,
    period: of.period,
  });
