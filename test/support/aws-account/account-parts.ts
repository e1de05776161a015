type Json = Readonly<Record<string, unknown>>;

/** What the account has; everything is as its service describes it, times in seconds since the epoch. */
export interface AccountParts {
  /** By name; the resources are summaries of CloudFormation. */
  stacks: Record<string, { described: Json; resources: readonly Json[] }>;
  functions: Record<string, { configuration: Json; eventInvoke?: Json }>;
  accountLimit: Json;
  tables: Record<string, { described: Json; timeToLive: Json; backups: Json }>;
  /** By name or ARN. */
  secrets: Record<string, Json>;
  schedules: Record<string, Json>;
  alarms: readonly Json[];
  /** Times and values of a metric, by its name and the sweep: `Runs services`. */
  metrics: Record<string, { Timestamps: readonly number[]; Values: readonly number[] }>;
  /** By the URL. */
  queues: Record<string, Json>;
}

type Answer = { readonly result: Json } | { readonly error: { name: string; message: string } };

const PAGE = 20;

/** What each action answers; lists come in small pages, so that a caller has to ask for the next one. */
export function answersOf(parts: AccountParts): Readonly<Record<string, (input: Json) => Answer>> {
  const textOf = (input: Json, key: string) => String(input[key]);
  const found = (value: Json | undefined): Answer =>
    value === undefined
      ? { error: { name: 'ResourceNotFoundException', message: 'there is none' } }
      : { result: value };
  const stackOf = (input: Json) => parts.stacks[textOf(input, 'StackName')];
  const noStack = (input: Json): Answer => ({
    error: {
      name: 'ValidationError',
      message: `Stack with id ${textOf(input, 'StackName')} does not exist`,
    },
  });
  return {
    'cloudformation:DescribeStacks': (input) => {
      const stack = stackOf(input);
      return stack === undefined ? noStack(input) : { result: { Stacks: [stack.described] } };
    },
    'cloudformation:ListStackResources': (input) => {
      const stack = stackOf(input);
      if (stack === undefined) return noStack(input);
      const { items, next } = pageOf(stack.resources, input['NextToken']);
      return { result: { StackResourceSummaries: items, NextToken: next } };
    },
    'lambda:GetFunctionConfiguration': (input) => {
      const name = textOf(input, 'name');
      const message = `Function not found: arn:aws:lambda:eu-central-1:123456789012:function:${name}`;
      const { configuration } = parts.functions[name] ?? {};
      return configuration === undefined
        ? { error: { name: 'ResourceNotFoundException', message } }
        : { result: configuration };
    },
    'lambda:GetFunctionEventInvokeConfig': (input) =>
      found(parts.functions[textOf(input, 'name')]?.eventInvoke),
    'lambda:GetAccountSettings': () => ({ result: { AccountLimit: parts.accountLimit } }),
    'dynamodb:DescribeTable': (input) => found(tableOf(input)?.described),
    'dynamodb:DescribeTimeToLive': (input) => found(tableOf(input)?.timeToLive),
    'dynamodb:DescribeContinuousBackups': (input) => found(tableOf(input)?.backups),
    // Of an empty table.
    'dynamodb:GetItem': () => ({ result: {} }),
    'secretsmanager:DescribeSecret': (input) => found(parts.secrets[textOf(input, 'SecretId')]),
    'scheduler:GetSchedule': (input) => found(parts.schedules[textOf(input, 'name')]),
    'cloudwatch:DescribeAlarms': (input) => {
      const prefix = textOf(input, 'AlarmNamePrefix');
      const prefixed = parts.alarms.filter(({ AlarmName }) => String(AlarmName).startsWith(prefix));
      const { items, next } = pageOf(prefixed, input['NextToken']);
      return { result: { MetricAlarms: items, NextToken: next } };
    },
    'cloudwatch:GetMetricData': (input) => {
      const {
        StartTime: from,
        EndTime: to,
        MetricDataQueries: queries,
      } = input as unknown as MetricDataInput;
      const results = queries.map(({ Id, MetricStat: { Metric } }) => {
        const [{ Value: sweep } = { Value: '' }] = Metric.Dimensions;
        const all = parts.metrics[`${Metric.MetricName} ${sweep}`] ?? { Timestamps: [], Values: [] };
        const kept = all.Timestamps.map((time, index) => [time, all.Values[index]] as const).filter(
          ([time]) => time >= from && time <= to,
        );
        return { Id, Timestamps: kept.map(([time]) => time), Values: kept.map(([, value]) => value) };
      });
      return { result: { MetricDataResults: results } };
    },
    'sqs:GetQueueAttributes': (input) => {
      const attributes = parts.queues[textOf(input, 'QueueUrl')];
      if (attributes !== undefined) return { result: { Attributes: attributes } };
      return { error: { name: 'QueueDoesNotExist', message: 'The specified queue does not exist.' } };
    },
  };

  function tableOf(input: Json) {
    return parts.tables[textOf(input, 'TableName')];
  }
}

interface MetricDataInput {
  readonly StartTime: number;
  readonly EndTime: number;
  readonly MetricDataQueries: readonly {
    readonly Id: string;
    readonly MetricStat: {
      readonly Metric: {
        readonly MetricName: string;
        readonly Dimensions: readonly { readonly Value: string }[];
      };
    };
  }[];
}

function pageOf(all: readonly Json[], token: unknown) {
  const from = token === undefined ? 0 : Number(token);
  const to = from + PAGE;
  return { items: all.slice(from, to), next: to < all.length ? String(to) : undefined };
}
