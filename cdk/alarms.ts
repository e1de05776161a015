import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { AwsConfig } from '../lib/config/aws.ts';
import { METRICS, namespaceOf, SWEEP } from '../lib/config/cloudwatch.ts';
import { planRunTimes } from '../lib/config/run-times.ts';
import type { SweepConfig } from '../lib/config/schema.ts';
import type { FunctionName } from './bundle.ts';
import type { BundledFunction } from './bundled-function.ts';

interface AlarmsProps {
  readonly alarms: AwsConfig['alarms'];
  readonly sweeps: readonly SweepConfig[];
  readonly functions: Readonly<Record<FunctionName, BundledFunction>>;
  readonly failedRuns: IQueue;
  /** Whether there is a Pushgateway to push to. */
  readonly pushes: boolean;
}

interface Watched {
  /** What the operator reads: what is wrong, and where to look. */
  readonly description: string;
  readonly metric: Metric;
  readonly isWrongWhen: ComparisonOperator;
  readonly threshold: number;
  readonly intervals: number;
  /** What no data means. */
  readonly silence: TreatMissingData;
}

const INTERVALS = 3;
const { BREACHING, NOT_BREACHING } = TreatMissingData;
const {
  GREATER_THAN_THRESHOLD: ABOVE,
  LESS_THAN_THRESHOLD: BELOW,
  GREATER_THAN_OR_EQUAL_TO_THRESHOLD: AT_LEAST,
} = ComparisonOperator;

/** What an operator is told without looking: docs/operations.md has each alarm by its name, and what to do. */
export class Alarms extends Construct {
  readonly #topic: ITopic;

  constructor(scope: Construct, id: string, { alarms, sweeps, functions, failedRuns, pushes }: AlarmsProps) {
    super(scope, id);
    this.#topic = this.#topicOf(alarms);
    const stack = Stack.of(this).stackName;
    for (const sweep of sweeps) {
      for (const [name, watched] of Object.entries(ofSweep(sweep, { pushes, stack }))) {
        this.#watch(`${name}-${sweep.name}`, watched);
      }
    }
    for (const [name, { throttles }] of Object.entries(functions)) {
      this.#watch(`throttles-${name}`, {
        description: `vsweep: Lambda throttles ${name}: raise the account's concurrency, or lower aws.maxConcurrentBatches`,
        metric: throttles.with({ statistic: Stats.SUM, period: Duration.minutes(5) }),
        isWrongWhen: AT_LEAST,
        threshold: 1,
        intervals: INTERVALS,
        silence: NOT_BREACHING,
      });
    }
    this.#watch('dead-letters', {
      description: 'vsweep: runs did not begin or came to nothing; their events and errors are in the queue',
      metric: failedRuns.metricApproximateNumberOfMessagesVisible({
        statistic: Stats.MAXIMUM,
        period: Duration.minutes(5),
      }),
      isWrongWhen: AT_LEAST,
      threshold: 1,
      intervals: 1,
      silence: NOT_BREACHING,
    });
  }

  #topicOf({ topicArn, emails }: AwsConfig['alarms']): ITopic {
    if (topicArn !== undefined) return Topic.fromTopicArn(this, 'Topic', topicArn);
    const topic = new Topic(this, 'Topic', { enforceSSL: true });
    for (const email of emails) topic.addSubscription(new EmailSubscription(email));
    return topic;
  }

  #watch(name: string, { description, metric, isWrongWhen, threshold, intervals, silence }: Watched): void {
    const alarm = new Alarm(this, name, {
      alarmName: `${Stack.of(this).stackName}-${name}`,
      alarmDescription: description,
      metric,
      comparisonOperator: isWrongWhen,
      threshold,
      evaluationPeriods: intervals,
      treatMissingData: silence,
    });
    alarm.addAlarmAction(new SnsAction(this.#topic));
    alarm.addOkAction(new SnsAction(this.#topic));
  }
}

/** Of the metrics that the sweep function writes, an interval a period. */
function ofSweep(
  { name, everyMs }: SweepConfig,
  { pushes, stack }: { pushes: boolean; stack: string },
): Record<string, Watched> {
  const collectSeconds = Math.floor(planRunTimes({ start: 0, everyMs }).collectEnd / 1_000);
  const metric = (metricName: string, statistic: string) =>
    sweepMetric(metricName, { stack, sweep: name, statistic, everyMs });
  const base = { threshold: 1, intervals: INTERVALS, silence: NOT_BREACHING };
  return {
    failing: {
      ...base,
      description: `vsweep: runs of ${name} come to nothing: no host is ok, or nothing could be pushed`,
      metric: metric(METRICS.failedRuns, Stats.SUM),
      isWrongWhen: AT_LEAST,
    },
    missing: {
      ...base,
      description: `vsweep: no run of ${name} came to an end for ${INTERVALS} intervals`,
      metric: metric(METRICS.runs, Stats.SUM),
      isWrongWhen: BELOW,
      silence: BREACHING,
    },
    slow: {
      ...base,
      description: `vsweep: runs of ${name} use up the ${collectSeconds} s that they have for collecting: hosts may be cut off`,
      metric: metric(METRICS.runSeconds, Stats.MAXIMUM),
      isWrongWhen: ABOVE,
      threshold: collectSeconds,
    },
    late: {
      ...base,
      description: `vsweep: events of ${name} come later than their interval and are dropped`,
      metric: metric(METRICS.lateEvents, Stats.SUM),
      isWrongWhen: AT_LEAST,
    },
    suspended: {
      ...base,
      description: `vsweep: a credential of ${name} is suspended because hosts refuse it: vsweep credential list`,
      metric: metric(METRICS.suspendedCredentials, Stats.MAXIMUM),
      isWrongWhen: AT_LEAST,
      intervals: 1,
    },
    ...(pushes
      ? {
          'no-push': {
            ...base,
            description: `vsweep: no result of ${name} was taken by the Pushgateway for ${INTERVALS} intervals`,
            metric: metric(METRICS.pushedTargets, Stats.SUM),
            isWrongWhen: BELOW,
            silence: BREACHING,
          },
        }
      : {}),
  };
}

/** A value that the sweep function writes of one sweep. */
export const sweepMetric = (
  metricName: string,
  of: { stack: string; sweep: string; statistic: string; everyMs: number },
): Metric =>
  new Metric({
    namespace: namespaceOf(of.stack),
    metricName,
    dimensionsMap: { [SWEEP]: of.sweep },
    statistic: of.statistic,
    period: Duration.millis(of.everyMs),
  });
