import { describe, expect, it } from 'vitest';
import { type AskAws, askAws } from '../../../../lib/cli/doctor/checks/stack/ask-aws.ts';
import type { AwsClients } from '../../../../lib/cli/doctor/checks/stack/aws-clients.ts';
import { answerOf, NotAskedError } from '../../../../lib/cli/doctor/checks/stack/not-asked-error.ts';

const named = (name: string, message: string) => Object.assign(new Error(message), { name });
const asked = (error: unknown) => answerOf('service:Action', Promise.reject(error));
const { signal } = new AbortController();

/** Clients of which each gives the answer of its name, or throws it; and what they were asked. */
function clientsOf(answer: (client: string, input: Record<string, unknown>) => unknown) {
  const requests: unknown[] = [];
  const client = (name: string) => ({
    send: async (command: { input: Record<string, unknown> }, options: { abortSignal: AbortSignal }) => {
      expect(options).toEqual({ abortSignal: signal });
      requests.push([name, command.constructor.name, command.input]);
      const found = answer(name, command.input);
      if (found instanceof Error) throw found;
      return found;
    },
  });
  const names = ['cloudformation', 'cloudwatch', 'dynamodb', 'lambda', 'scheduler', 'secretsManager', 'sqs'];
  const clients = Object.fromEntries(names.map((name) => [name, client(name)]));
  return { ask: askAws(clients as unknown as AwsClients, { signal }), requests };
}

describe('an answer of AWS', () => {
  it('is itself, and none where there is no such thing', async () => {
    expect(await answerOf('service:Action', Promise.resolve(7))).toBe(7);
    for (const name of ['ResourceNotFoundException', 'QueueDoesNotExist'])
      expect(await asked(named(name, 'no function'))).toBeUndefined();
    expect(await asked(named('ValidationError', 'Stack with id Vsweep does not exist'))).toBeUndefined();
  });

  it.each([
    ['ValidationError', 'Stack name is too long', 'failed'],
    ['ValidationError', 'The Stack with id Vsweep does not exist', 'failed'],
    ['ValidationError', 'Stack with id Vsweep does not exist yet', 'failed'],
    ['ThrottlingException', 'Stack with id Vsweep does not exist', 'failed'],
    ['ExpiredToken', 'expired', 'credentials'],
    ['ExpiredTokenException', 'expired', 'credentials'],
    ['InvalidClientTokenId', 'no', 'credentials'],
    ['InvalidSignatureException', 'no', 'credentials'],
    ['RequestExpired', 'no', 'credentials'],
    ['SignatureDoesNotMatch', 'no', 'credentials'],
    ['UnrecognizedClientException', 'no', 'credentials'],
  ])('%s: %s is of the code %s, without advice for programmers', async (name, message, code) => {
    const cause = named(name, `${message}\n  advice`);
    const error = await asked(cause).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(NotAskedError);
    expect(error).toMatchObject({ message: `service:Action: ${name}: ${message}`, code, cause });
  });

  it('has a message also where what was thrown is no error', async () => {
    await expect(asked('odd')).rejects.toThrow('service:Action: : odd');
  });

  it.each(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation'])(
    'names the action where IAM says %s',
    async (name) => {
      const cause = named(name, 'no');
      expect(await asked(cause).catch((error: unknown) => error)).toMatchObject({
        message:
          'AWS denies service:Action to these credentials; docs/deploy.md has the policy of the doctor',
        code: 'denied',
        cause,
      });
    },
  );
});

describe('a question to AWS', () => {
  const DENIED = named('AccessDenied', 'no');
  it.each<
    [
      name: string,
      action: string,
      put: (ask: AskAws) => Promise<unknown>,
      request: unknown[],
      answer: object,
      found: unknown,
    ]
  >([
    [
      'stack',
      'cloudformation:DescribeStacks',
      (ask) => ask.stack('Vsweep'),
      ['cloudformation', 'DescribeStacksCommand', { StackName: 'Vsweep' }],
      { Stacks: [{ StackName: 'Vsweep' }] },
      { StackName: 'Vsweep' },
    ],
    [
      'resources',
      'cloudformation:ListStackResources',
      (ask) => ask.resources('Vsweep'),
      ['cloudformation', 'ListStackResourcesCommand', { StackName: 'Vsweep', NextToken: undefined }],
      { StackResourceSummaries: [{ LogicalResourceId: 'A' }] },
      [{ LogicalResourceId: 'A' }],
    ],
    [
      'function',
      'lambda:GetFunctionConfiguration',
      (ask) => ask.function('Vsweep-poll'),
      ['lambda', 'GetFunctionConfigurationCommand', { FunctionName: 'Vsweep-poll' }],
      { State: 'Active' },
      { State: 'Active' },
    ],
    [
      'eventInvoke',
      'lambda:GetFunctionEventInvokeConfig',
      (ask) => ask.eventInvoke('Vsweep-poll'),
      ['lambda', 'GetFunctionEventInvokeConfigCommand', { FunctionName: 'Vsweep-poll' }],
      { MaximumRetryAttempts: 0 },
      { MaximumRetryAttempts: 0 },
    ],
    [
      'accountSettings',
      'lambda:GetAccountSettings',
      (ask) => ask.accountSettings(),
      ['lambda', 'GetAccountSettingsCommand', {}],
      { AccountLimit: {} },
      { AccountLimit: {} },
    ],
    [
      'table',
      'dynamodb:DescribeTable',
      (ask) => ask.table('T'),
      ['dynamodb', 'DescribeTableCommand', { TableName: 'T' }],
      { Table: { TableName: 'T' } },
      { TableName: 'T' },
    ],
    [
      'timeToLive',
      'dynamodb:DescribeTimeToLive',
      (ask) => ask.timeToLive('T'),
      ['dynamodb', 'DescribeTimeToLiveCommand', { TableName: 'T' }],
      { TimeToLiveDescription: { AttributeName: 'a' } },
      { AttributeName: 'a' },
    ],
    [
      'backups',
      'dynamodb:DescribeContinuousBackups',
      (ask) => ask.backups('T'),
      ['dynamodb', 'DescribeContinuousBackupsCommand', { TableName: 'T' }],
      { ContinuousBackupsDescription: { ContinuousBackupsStatus: 'ENABLED' } },
      { ContinuousBackupsStatus: 'ENABLED' },
    ],
    [
      'secret',
      'secretsmanager:DescribeSecret',
      (ask) => ask.secret('vc01'),
      ['secretsManager', 'DescribeSecretCommand', { SecretId: 'vc01' }],
      { Name: 'vc01' },
      { Name: 'vc01' },
    ],
    [
      'schedule',
      'scheduler:GetSchedule',
      (ask) => ask.schedule('S'),
      ['scheduler', 'GetScheduleCommand', { Name: 'S' }],
      { State: 'ENABLED' },
      { State: 'ENABLED' },
    ],
    [
      'alarms',
      'cloudwatch:DescribeAlarms',
      (ask) => ask.alarms('Vsweep-'),
      [
        'cloudwatch',
        'DescribeAlarmsCommand',
        { AlarmNamePrefix: 'Vsweep-', AlarmTypes: ['MetricAlarm'], NextToken: undefined },
      ],
      { MetricAlarms: [{ AlarmName: 'a' }], CompositeAlarms: [] },
      [{ AlarmName: 'a' }],
    ],
    [
      'queue',
      'sqs:GetQueueAttributes',
      (ask) => ask.queue('https://q'),
      [
        'sqs',
        'GetQueueAttributesCommand',
        { QueueUrl: 'https://q', AttributeNames: ['ApproximateNumberOfMessages'] },
      ],
      { Attributes: { ApproximateNumberOfMessages: '1' } },
      { ApproximateNumberOfMessages: '1' },
    ],
    [
      'runs',
      'cloudwatch:GetMetricData',
      (ask) => ask.runs({ stack: 'Lab', sweep: 'a', from: 1_000, to: 2_000 }),
      [
        'cloudwatch',
        'GetMetricDataCommand',
        {
          MetricDataQueries: [
            ['runs', 'Runs'],
            ['failed', 'FailedRuns'],
          ].map(([Id, MetricName]) => ({
            Id,
            MetricStat: {
              Metric: {
                Namespace: 'vsweep/Lab',
                MetricName,
                Dimensions: [{ Name: 'sweep', Value: 'a' }],
              },
              Period: 60,
              Stat: 'Sum',
            },
          })),
          StartTime: new Date(1_000),
          EndTime: new Date(2_000),
          ScanBy: 'TimestampDescending',
        },
      ],
      { MetricDataResults: [{ Id: 'runs' }] },
      [{ Id: 'runs' }],
    ],
  ])(
    '%s reads by one action, and names it where it is denied',
    async (_name, action, put, request, answer, found) => {
      const { ask, requests } = clientsOf(() => answer);
      expect(await put(ask)).toEqual(found);
      expect(requests).toEqual([request]);
      await expect(put(clientsOf(() => DENIED).ask)).rejects.toThrow(`AWS denies ${action} to`);
    },
  );

  it('about what does not exist is answered by nothing, or by an empty list', async () => {
    const { ask } = clientsOf(() => named('ResourceNotFoundException', 'no'));
    const of = { stack: 'Lab', sweep: 'a', from: 1, to: 2 };
    for (const put of [ask.stack, ask.table, ask.timeToLive, ask.backups, ask.queue])
      expect(await put('x')).toBeUndefined();
    for (const put of [ask.resources, ask.alarms, () => ask.runs(of)]) expect(await put('x')).toEqual([]);
    expect(await clientsOf(() => ({})).ask.stack('x')).toBeUndefined();
  });
});

describe('a list of AWS', () => {
  it('is that of all its pages, in their order', async () => {
    const pages = clientsOf((_, { NextToken }) =>
      NextToken === undefined
        ? { StackResourceSummaries: [1, 2], MetricAlarms: [1], NextToken: 'more' }
        : { StackResourceSummaries: [3], MetricAlarms: [2] },
    );
    expect(await pages.ask.resources('Vsweep')).toEqual([1, 2, 3]);
    expect(await pages.ask.alarms('Vsweep-')).toEqual([1, 2]);
    const tokens = pages.requests.map((request) => (request as [string, string, object])[2]);
    expect(tokens).toMatchObject([undefined, 'more', undefined, 'more'].map((NextToken) => ({ NextToken })));
  });

  it('ends, also where each page names another one', async () => {
    const endless = clientsOf(() => ({ NextToken: 'again' }));
    for (const put of [endless.ask.resources, endless.ask.alarms])
      await expect(put('Vsweep')).rejects.toThrow('AWS answered more than 50 pages of one list');
    expect(endless.requests).toHaveLength(100);
  });
});

describe('the account', () => {
  const ARN = 'arn:aws-cn:lambda:cn-north-1:123456789012:function:Vsweep-poll';
  const account = (answer: unknown) => clientsOf(() => answer).ask.account('Vsweep-poll');

  it('is in what Lambda answers or refuses', async () => {
    expect(await account({ FunctionArn: ARN })).toBe('123456789012');
    const refused = named('AccessDeniedException', `you may not: ${ARN.replace('aws-cn', 'aws')}`);
    expect(await account(refused)).toBe('123456789012');
    expect(await account(named('ResourceNotFoundException', `no function: ${ARN}`))).toBe('123456789012');
  });

  it.each([
    'no ARN',
    'arn:aws:lambda:eu-central-1:12345678901:x',
    'arn:aws:lambda:eu-central-1:1234567890123:x',
    'barn:aws:lambda:eu-central-1:123456789012:x',
    'arn:azure:lambda:eu-central-1:123456789012:x',
  ])('is not known by "%s"', async (text) => {
    expect(await account({ FunctionArn: text })).toBeUndefined();
    expect(await account(named('AccessDenied', text))).toBeUndefined();
  });

  it('is not known where there is no ARN, or the service fails', async () => {
    expect(await account({})).toBeUndefined();
    expect(await account(named('TooManyRequests', 'slow down'))).toBeUndefined();
  });

  it('is not asked for by a caller whom AWS does not know', async () => {
    await expect(account(named('ExpiredToken', `expired ${ARN}`))).rejects.toThrow(
      `lambda:GetFunctionConfiguration: ExpiredToken: expired ${ARN}`,
    );
  });

  it('is not read out of a refusal when the command is stopped', async () => {
    const stop = new AbortController();
    const send = async () => {
      stop.abort(new Error('stopped'));
      throw named('AccessDenied', ARN);
    };
    const ask = askAws({ lambda: { send } } as unknown as AwsClients, stop);
    await expect(ask.account('Vsweep-poll')).rejects.toThrow('stopped');
  });
});
