import { METRICS } from '../lib/config/cloudwatch.ts';
import { STACK } from '../lib/config/deployed-names.ts';
import { planRunTimes } from '../lib/config/run-times.ts';
import { type AlarmWindow, type Intervals, serviceWindowOf } from './alarm-window.ts';

/** How a value is compared with the threshold; what is so is wrong. */
export type Comparison = 'atLeast' | 'below';

/** What is watched, for how long, and what it means when nothing is written. */
interface Watch {
  /** What the operator reads: what is wrong, and what to do. `docs/operations.md` has more, by the alarm's name. */
  readonly description: string;
  readonly statistic: 'Sum' | 'Maximum';
  readonly comparison: Comparison;
  readonly threshold: number;
  readonly silence: 'breaching' | 'notBreaching';
}

/** Of a metric that the sweep function or the task writes, over intervals of the sweep. */
export interface SweepAlarm extends Watch, Intervals {
  readonly metric: string;
}

/** Of metrics that AWS writes: of one, or of the sum of several, where nothing written counts as 0. */
export interface ServiceAlarm extends Watch, AlarmWindow {
  readonly namespace: string;
  readonly metrics: readonly string[];
}

/** Without runs there is nothing to say, but for the alarms that are there to say that. */
const SEEN = { statistic: 'Sum', comparison: 'atLeast', threshold: 1, silence: 'notBreaching' } as const;
const LACKING = { statistic: 'Sum', comparison: 'below', threshold: 1, silence: 'breaching' } as const;

/** Runs begin and end some time after the minute, so that a period may have two of them and the next one none. */
const OFTEN = { ...SEEN, intervals: 5, wrong: 3 } as const;
const SILENT = { ...LACKING, intervals: 3, wrong: 3 } as const;

interface SweepOf {
  readonly name: string;
  readonly stack: string;
  readonly everyMs: number;
  /** What Lambda gives to the sweep function, in milliseconds; undefined where a task runs the sweeps. */
  readonly timeoutMs: number | undefined;
  readonly pushes: boolean;
}

/** The alarms of a sweep, by their kind. */
export function sweepAlarms({
  name,
  stack,
  everyMs,
  timeoutMs,
  pushes,
}: SweepOf): Record<string, SweepAlarm> {
  // A worker that is cut off is waited for until then, so no run that cut one off is quicker.
  const { workerEnd } = planRunTimes({
    start: 0,
    everyMs,
    ...(timeoutMs === undefined ? {} : { remainingMs: timeoutMs }),
  });
  const collectSeconds = Math.floor(workerEnd / 1_000);
  const isTask = timeoutMs === undefined;
  const invoke = `"vsweep invoke sweep ${name}${stack === STACK ? '' : ` --stack ${stack}`}"`;
  const told = (printed: string) => (isTask ? 'The log of the task has' : `${invoke} prints`) + printed;
  const noPush: SweepAlarm = {
    ...SILENT,
    description: `vsweep: the Pushgateway accepted no push of ${name} for 3 intervals. ${told(' its answer')}; check the gateway and the firewalls between.`,
    metric: METRICS.pushedTargets,
  };
  const late: SweepAlarm = {
    ...OFTEN,
    description: `vsweep: events of ${name} arrive too late and are dropped. If the alarm throttles-sweep fires, too, raise the account's concurrency.`,
    metric: METRICS.lateEvents,
  };
  return {
    failing: {
      ...OFTEN,
      description: `vsweep: runs of ${name} fail: no host is ok, or nothing was pushed. ${told(' the cause')}.`,
      metric: METRICS.failedRuns,
    },
    missing: {
      ...SILENT,
      description: `vsweep: no run of ${name} ended for 3 intervals. ${isTask ? 'Look at the log of the task and the events of its service in ECS' : 'Look at the queue of failed runs and the log of the sweep function'}.`,
      metric: METRICS.runs,
    },
    slow: {
      ...OFTEN,
      description: `vsweep: runs of ${name} use all of the ${collectSeconds} s for collecting, so hosts may be failed(deadline). ${isTask ? 'Set a longer interval, or a larger aws.taskSize' : 'Set a longer interval, split: target, or more memory'}.`,
      metric: METRICS.runSeconds,
      statistic: 'Maximum',
      threshold: collectSeconds,
    },
    ...(isTask ? {} : { late }),
    duplicate: {
      ...OFTEN,
      description: `vsweep: a target of ${name} is skipped as duplicate in 3 of 5 intervals. "vsweep status" shows the run that is recorded.`,
      metric: METRICS.duplicateTargets,
      statistic: 'Maximum',
    },
    suspended: {
      ...SEEN,
      description: `vsweep: a credential of ${name} is suspended, because hosts refuse it. Correct the secret; "vsweep credential list" shows the next try.`,
      metric: METRICS.suspendedCredentials,
      statistic: 'Maximum',
      intervals: 1,
      wrong: 1,
    },
    'host-keys': {
      ...SEEN,
      description: `vsweep: ${name} pinned ssh host keys at first contact. If no host was added, compare the fingerprints in the log of ${isTask ? 'the task' : 'collect-batch or sweep'}.`,
      metric: METRICS.pinnedHostKeys,
      intervals: 1,
      wrong: 1,
    },
    ...(pushes ? { 'no-push': noPush } : {}),
  };
}

const MINUTE = 60;

/**
 * The alarms of a function, by their kind, where the rarest sweep runs every so many milliseconds. Of the sweep
 * function's own errors `failing` and `missing` tell.
 */
export const functionAlarms = (
  name: 'sweep' | 'collect-batch' | 'poll',
  longestMs: number,
): Record<string, ServiceAlarm> => ({
  throttles: {
    ...SEEN,
    ...serviceWindowOf(longestMs),
    description: `vsweep: Lambda throttles ${name}. Raise the account's concurrency, or lower aws.maxConcurrentBatches.`,
    namespace: 'AWS/Lambda',
    metrics: ['Throttles'],
  },
  ...(name === 'sweep'
    ? {}
    : {
        errors: {
          ...SEEN,
          ...serviceWindowOf(longestMs),
          description: `vsweep: invocations of ${name} end with an error, a timeout or out of memory. Look at the log of the function.`,
          namespace: 'AWS/Lambda',
          metrics: ['Errors'],
        },
      }),
});

export type ServiceAlarmName = 'dead-letters' | 'throttles-table' | 'pushgateway' | 'task' | 'secret-reads';

/** What else of AWS is watched, each on the resource of that name; the rarest sweep runs every so many milliseconds. */
export const serviceAlarms = (longestMs: number): Record<ServiceAlarmName, ServiceAlarm> => ({
  /**
   * Messages sent, and not those in the queue, which stay there for two weeks. Of a queue that was idle SQS may write
   * 15 minutes late: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
   */
  'dead-letters': {
    ...SEEN,
    description:
      'vsweep: events were not delivered, or runs failed. The events and their errors are in the queue of failed runs.',
    namespace: 'AWS/SQS',
    metrics: ['NumberOfMessagesSent'],
    periodSeconds: 5 * MINUTE,
    periods: 6,
    datapoints: 1,
  },
  /** CloudWatch may keep the state of an alarm on AWS/DynamoDB where nothing is written, so that is made a 0. */
  'throttles-table': {
    ...SEEN,
    ...serviceWindowOf(longestMs),
    description:
      'vsweep: DynamoDB throttles the state table. Runs go on, but skip hosts as skipped(state). Check the quotas of the table.',
    namespace: 'AWS/DynamoDB',
    metrics: ['ReadThrottleEvents', 'WriteThrottleEvents'],
  },
  /** A deployment stops the old task before it starts the new one, which takes a minute or two. */
  pushgateway: {
    ...LACKING,
    description: 'vsweep: no task of the Pushgateway is running. Look at the events of its service in ECS.',
    namespace: 'ECS/ContainerInsights',
    metrics: ['RunningTaskCount'],
    statistic: 'Maximum',
    periodSeconds: MINUTE,
    periods: 5,
    datapoints: 5,
  },
  /** Of a task that ends, ECS starts another one at once; its first run comes within an interval. */
  task: {
    ...LACKING,
    description:
      'vsweep: no task that runs the sweeps is running. Look at the log of the task and the events of its service in ECS.',
    namespace: 'ECS/ContainerInsights',
    metrics: ['RunningTaskCount'],
    statistic: 'Maximum',
    periodSeconds: MINUTE,
    periods: 5,
    datapoints: 5,
  },
  /** By option: of CloudTrail's events, which come some minutes late. */
  'secret-reads': {
    ...SEEN,
    description:
      "vsweep: the secret of the hosts or the integrity secret was read by others than vsweep's functions or its task. The event on this topic says by whom, and when.",
    namespace: 'AWS/Events',
    metrics: ['TriggeredRules'],
    periodSeconds: 5 * MINUTE,
    periods: 1,
    datapoints: 1,
  },
});
