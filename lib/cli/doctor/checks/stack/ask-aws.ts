import { DescribeStacksCommand, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { DescribeAlarmsCommand, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import {
  GetAccountSettingsCommand,
  GetFunctionConfigurationCommand,
  GetFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda';
import { GetScheduleCommand } from '@aws-sdk/client-scheduler';
import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { METRICS, namespaceOf, SWEEP } from '../../../../config/cloudwatch.ts';
import { messageOf } from '../../../../platform/errors.ts';
import type { AwsClients } from './aws-clients.ts';
import { answerOf, NotAskedError } from './not-asked-error.ts';

/** Pages of a list: a stack has at most 500 resources, and a page 100 of them. */
const MAX_PAGES = 50;

/**
 * The questions of the doctor, by the names of their actions in IAM. Each only reads, and none reads the value of a
 * secret. What does not exist is undefined; rejects with NotAskedError where IAM denies the action.
 */
export function askAws(clients: AwsClients, { signal }: { signal: AbortSignal }) {
  const { cloudformation, cloudwatch, dynamodb, lambda, scheduler, secretsManager, sqs } = clients;
  const options = { abortSignal: signal };
  return {
    /**
     * The account, as an ARN in what Lambda answers or refuses has it: that needs no further right. Rejects with
     * NotAskedError where AWS does not know the caller.
     */
    account: async (FunctionName: string) => {
      try {
        const asked = lambda.send(new GetFunctionConfigurationCommand({ FunctionName }), options);
        return accountIn((await asked).FunctionArn);
      } catch (error) {
        signal.throwIfAborted();
        await answerOf('lambda:GetFunctionConfiguration', Promise.reject(error)).catch((failure: unknown) => {
          if (failure instanceof NotAskedError && failure.code === 'credentials') throw failure;
        });
        return accountIn(messageOf(error));
      }
    },
    stack: async (StackName: string) => {
      const asked = cloudformation.send(new DescribeStacksCommand({ StackName }), options);
      return (await answerOf('cloudformation:DescribeStacks', asked))?.Stacks?.[0];
    },
    resources: (StackName: string) =>
      allPages(async (NextToken) => {
        const command = new ListStackResourcesCommand({ StackName, NextToken });
        const page = await answerOf(
          'cloudformation:ListStackResources',
          cloudformation.send(command, options),
        );
        return { items: page?.StackResourceSummaries ?? [], next: page?.NextToken };
      }),
    function: (FunctionName: string) =>
      answerOf(
        'lambda:GetFunctionConfiguration',
        lambda.send(new GetFunctionConfigurationCommand({ FunctionName }), options),
      ),
    eventInvoke: (FunctionName: string) =>
      answerOf(
        'lambda:GetFunctionEventInvokeConfig',
        lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName }), options),
      ),
    accountSettings: () =>
      answerOf('lambda:GetAccountSettings', lambda.send(new GetAccountSettingsCommand({}), options)),
    table: async (TableName: string) => {
      const asked = dynamodb.send(new DescribeTableCommand({ TableName }), options);
      return (await answerOf('dynamodb:DescribeTable', asked))?.Table;
    },
    timeToLive: async (TableName: string) => {
      const asked = dynamodb.send(new DescribeTimeToLiveCommand({ TableName }), options);
      return (await answerOf('dynamodb:DescribeTimeToLive', asked))?.TimeToLiveDescription;
    },
    backups: async (TableName: string) => {
      const asked = dynamodb.send(new DescribeContinuousBackupsCommand({ TableName }), options);
      return (await answerOf('dynamodb:DescribeContinuousBackups', asked))?.ContinuousBackupsDescription;
    },
    secret: (SecretId: string) =>
      answerOf(
        'secretsmanager:DescribeSecret',
        secretsManager.send(new DescribeSecretCommand({ SecretId }), options),
      ),
    schedule: (Name: string) =>
      answerOf('scheduler:GetSchedule', scheduler.send(new GetScheduleCommand({ Name }), options)),
    alarms: (AlarmNamePrefix: string) =>
      allPages(async (NextToken) => {
        const command = new DescribeAlarmsCommand({
          AlarmNamePrefix,
          AlarmTypes: ['MetricAlarm'],
          NextToken,
        });
        const page = await answerOf('cloudwatch:DescribeAlarms', cloudwatch.send(command, options));
        return { items: page?.MetricAlarms ?? [], next: page?.NextToken };
      }),
    runs: async ({ stack, sweep, from, to }: { stack: string; sweep: string; from: number; to: number }) => {
      const query = (Id: string, MetricName: string) => ({
        Id,
        MetricStat: {
          Metric: {
            Namespace: namespaceOf(stack),
            MetricName,
            Dimensions: [{ Name: SWEEP, Value: sweep }],
          },
          Period: 60,
          Stat: 'Sum',
        },
      });
      const command = new GetMetricDataCommand({
        MetricDataQueries: [query('runs', METRICS.runs), query('failed', METRICS.failedRuns)],
        StartTime: new Date(from),
        EndTime: new Date(to),
        ScanBy: 'TimestampDescending',
      });
      const found = await answerOf('cloudwatch:GetMetricData', cloudwatch.send(command, options));
      return found?.MetricDataResults ?? [];
    },
    queue: async (QueueUrl: string) => {
      const AttributeNames = ['ApproximateNumberOfMessages' as const];
      const asked = sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }), options);
      return (await answerOf('sqs:GetQueueAttributes', asked))?.Attributes;
    },
  };
}

const accountIn = (text = ''): string | undefined =>
  /\barn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}):/.exec(text)?.[1];

export type AskAws = ReturnType<typeof askAws>;

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

async function allPages<T>(read: (next: string | undefined) => Promise<Page<T>>): Promise<readonly T[]> {
  const found: T[] = [];
  let next: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const { items, next: following } = await read(next);
    found.push(...items);
    if (following === undefined) return found;
    next = following;
  }
  throw new Error(`AWS answered more than ${MAX_PAGES} pages of one list`);
}
