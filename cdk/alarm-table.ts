import { METRICS } from '../lib/config/cloudwatch.ts';
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

/** Of a metric that the sweep function writes, over intervals of the sweep. */
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
  readonly everyMs: number;
  /** What Lambda gives to the sweep function, in milliseconds. */
  readonly timeoutMs: number;
  readonly pushes: boolean;
}

/** The alarms of a sweep, by their kind. */
export function sweepAlarms({ name, everyMs, timeoutMs, pushes }: SweepOf): Record<string, SweepAlarm> {
  // A worker that is cut off is waited for until then, so no run that cut one off is quicker.
  const { workerEnd } = planRunTimes({ start: 0, everyMs, remainingMs: timeoutMs });
  const collectSeconds = Math.floor(workerEnd / 1_000);
  const noPush: SweepAlarm = {
    ...SILENT,
    description: `vsweep: no result of ${name} was taken by the Pushgateway for 3 intervals`,
    metric: METRICS.pushedTargets,
  };
  return {
    failing: {
      ...OFTEN,
      description: `vsweep: runs of ${name} fail: no host is ok, or nothing could be pushed`,
      metric: METRICS.failedRuns,
    },
    missing: {
      ...SILENT,
      description: `vsweep: no run of ${name} ended for 3 intervals`,
      metric: METRICS.runs,
    },
    slow: {
      ...OFTEN,
      description: `vsweep: runs of ${name} use up the ${collectSeconds} s that they have for collecting: hosts may be cut off`,
      metric: METRICS.runSeconds,
      statistic: 'Maximum',
      threshold: collectSeconds,
    },
    late: {
      ...OFTEN,
      description: `vsweep: events of ${name} come later than their interval and are dropped`,
      metric: METRICS.lateEvents,
    },
    duplicate: {
      ...OFTEN,
      description: `vsweep: a target of ${name} is skipped as duplicate in 3 of 5 intervals: vsweep status says by which run`,
      metric: METRICS.duplicateTargets,
      statistic: 'Maximum',
    },
    suspended: {
      ...SEEN,
      description: `vsweep: a credential of ${name} is suspended because hosts refuse it: vsweep credential list`,
      metric: METRICS.suspendedCredentials,
      statistic: 'Maximum',
      intervals: 1,
      wrong: 1,
    },
    'host-keys': {
      ...SEEN,
      description: `vsweep: ${name} trusted ssh keys of hosts because they were the first: the log of collect-batch has them`,
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
    description: `vsweep: Lambda throttles ${name}: raise the account's concurrency, or lower aws.maxConcurrentBatches`,
    namespace: 'AWS/Lambda',
    metrics: ['Throttles'],
  },
  ...(name === 'sweep'
    ? {}
    : {
        errors: {
          ...SEEN,
          ...serviceWindowOf(longestMs),
          description: `vsweep: invocations of ${name} end by an error, a time-out or the limit of memory: see its log`,
          namespace: 'AWS/Lambda',
          metrics: ['Errors'],
        },
      }),
});

export type ServiceAlarmName = 'dead-letters' | 'throttles-table' | 'pushgateway' | 'secret-reads';

/** What else of AWS is watched, each on the resource of that name; the rarest sweep runs every so many milliseconds. */
export const serviceAlarms = (longestMs: number): Record<ServiceAlarmName, ServiceAlarm> => ({
  /**
   * Messages sent, and not those in the queue, which stay there for two weeks. Of a queue that was idle SQS may write
   * 15 minutes late: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
   */
  'dead-letters': {
    ...SEEN,
    description: 'vsweep: runs were not delivered, or failed; their events and errors are in the queue',
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
    description: 'vsweep: DynamoDB throttles the state table: runs go on without what they remember',
    namespace: 'AWS/DynamoDB',
    metrics: ['ReadThrottleEvents', 'WriteThrottleEvents'],
  },
  /** A deployment stops the old task before it starts the new one, which takes a minute or two. */
  pushgateway: {
    ...LACKING,
    description: 'vsweep: no task of the Pushgateway runs: see the events of its service in ECS',
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
      "vsweep: somebody else than vsweep's functions read the hosts' or the integrity secret: the topic has the event",
    namespace: 'AWS/Events',
    metrics: ['TriggeredRules'],
    periodSeconds: 5 * MINUTE,
    periods: 1,
    datapoints: 1,
  },
});
