/** What of an alarm decides its state, by the names of CloudFormation. */
export interface AlarmRule {
  readonly ComparisonOperator: string;
  readonly Threshold: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm: number;
  readonly TreatMissingData: 'breaching' | 'notBreaching';
}

export type AlarmState = 'OK' | 'ALARM';

/**
 * How many periods CloudWatch looks at: more than are evaluated, so that a late or missing one costs nothing while
 * there are others. How many more is not said; the tables of the page have two.
 */
const MORE_PERIODS = 2;

/**
 * The state of an alarm, of one value a period, the newest last, and undefined where there is none:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html. Where as many periods
 * as are evaluated have a value, the newest of these count; else those that miss count as the alarm says.
 */
export function stateOf(rule: AlarmRule, values: readonly (number | undefined)[]): AlarmState {
  const { EvaluationPeriods: periods, DatapointsToAlarm: wanted, TreatMissingData } = rule;
  const real = values.slice(-(periods + MORE_PERIODS)).filter((value) => value !== undefined);
  const evaluated = real.slice(-periods);
  const missing = periods - evaluated.length;
  const breaching = evaluated.filter((value) => isBreaching(rule, value)).length;
  const all = breaching + (TreatMissingData === 'breaching' ? missing : 0);
  return all >= wanted ? 'ALARM' : 'OK';
}

function isBreaching({ ComparisonOperator, Threshold }: AlarmRule, value: number): boolean {
  if (ComparisonOperator === 'GreaterThanOrEqualToThreshold') return value >= Threshold;
  if (ComparisonOperator === 'LessThanThreshold') return value < Threshold;
  throw new Error(`the tests know no ${ComparisonOperator}`);
}

/** A value of a metric, in seconds since the epoch. */
export interface MetricValue {
  readonly at: number;
  readonly value: number;
}

/** One value for each whole period up to `until`, as CloudWatch aligns and aggregates them. */
export function perPeriod(
  values: readonly MetricValue[],
  { seconds, statistic, until }: { seconds: number; statistic: string; until: number },
): (number | undefined)[] {
  return Array.from({ length: Math.floor(until / seconds) }, (_, index) => {
    const inside = values.filter(({ at }) => Math.floor(at / seconds) === index).map(({ value }) => value);
    if (inside.length === 0) return undefined;
    return statistic === 'Sum' ? inside.reduce((sum, value) => sum + value, 0) : Math.max(...inside);
  });
}
