import { describe, expect, it } from 'vitest';
import { judgeConcurrency } from '../../../../lib/cli/doctor/verdicts/stack/concurrency.ts';
import { judgeFunction, judgeRepetition } from '../../../../lib/cli/doctor/verdicts/stack/function.ts';
import { judgeLastRun, windowOf } from '../../../../lib/cli/doctor/verdicts/stack/last-run.ts';
import { judgeRegion } from '../../../../lib/cli/doctor/verdicts/stack/region.ts';
import { judgeSchedules } from '../../../../lib/cli/doctor/verdicts/stack/schedules.ts';
import { judgeAbsence, judgeResources, judgeStack } from '../../../../lib/cli/doctor/verdicts/stack/stack.ts';
import { printDescription } from '../../../../lib/config/deployed-mark.ts';
import { printVerdict } from '../../../support/print-verdict.ts';

const COMMANDS = { deploy: 'DEPLOY', restore: 'RESTORE' };

describe('the status of a stack', () => {
  const StackStatusReason = 'no right';
  it.each([
    [{ StackStatus: 'CREATE_COMPLETE' }, 'green: the last deployment is complete (CREATE_COMPLETE)'],
    [{ StackStatus: 'UPDATE_COMPLETE' }, 'green: the last deployment is complete (UPDATE_COMPLETE)'],
    [{ StackStatus: 'IMPORT_COMPLETE' }, 'green: the last deployment is complete (IMPORT_COMPLETE)'],
    [
      { StackStatus: 'UPDATE_ROLLBACK_COMPLETE', StackStatusReason },
      'yellow: the last deployment failed, and the stack is as before it (UPDATE_ROLLBACK_COMPLETE: no right) | DEPLOY',
    ],
    [
      { StackStatus: 'IMPORT_ROLLBACK_COMPLETE' },
      'yellow: the last deployment failed, and the stack is as before it (IMPORT_ROLLBACK_COMPLETE) | DEPLOY',
    ],
    [{ StackStatus: 'UPDATE_IN_PROGRESS' }, 'yellow: a deployment is under way (UPDATE_IN_PROGRESS)'],
    [
      { StackStatus: 'ROLLBACK_COMPLETE' },
      'red: the first deployment failed (ROLLBACK_COMPLETE). Delete the stack, then deploy again | DEPLOY',
    ],
    [
      { StackStatus: 'UPDATE_ROLLBACK_FAILED', StackStatusReason },
      'red: the last deployment failed (UPDATE_ROLLBACK_FAILED: no right). Look at the events of the stack in CloudFormation',
    ],
    [{}, 'red: the last deployment failed (unknown). Look at the events of the stack in CloudFormation'],
  ])('described as %j is judged "%s"', (found, expected) => {
    expect(judgeStack(found, COMMANDS).map(printVerdict)).toEqual([expected]);
  });

  it('is undone by a deployment that reverts drift where it has drifted', () => {
    const judge = (StackDriftStatus: string) =>
      judgeStack({ StackStatus: 'CREATE_COMPLETE', DriftInformation: { StackDriftStatus } }, COMMANDS);
    expect(judge('DRIFTED').map(printVerdict)).toEqual([
      'green: the last deployment is complete (CREATE_COMPLETE)',
      'yellow: resources were changed outside of CloudFormation (DRIFTED). Look at its drift results in CloudFormation; a deployment that reverts drift undoes them | RESTORE',
    ]);
    expect(judge('IN_SYNC')).toHaveLength(1);
  });

  it('names where it is not, and nothing that creates it', () => {
    expect(printVerdict(judgeAbsence('account 1, region r'))).toBe(
      'red: does not exist in account 1, region r. If that is not where it was deployed, set AWS_PROFILE and AWS_REGION; a second stack with the same targets could lock their accounts. If it was never deployed, see docs/deploy.md',
    );
  });

  it('names the parts whose last change failed', () => {
    const parts = [
      { LogicalResourceId: 'A', ResourceStatus: 'UPDATE_FAILED', ResourceStatusReason: 'no right' },
      { LogicalResourceId: 'B', ResourceStatus: 'CREATE_COMPLETE' },
      { LogicalResourceId: 'C', ResourceStatus: 'DELETE_FAILED' },
      {},
    ];
    expect(judgeResources(parts).map(printVerdict)).toEqual([
      'red: the part A is UPDATE_FAILED: no right',
      'red: the part C is DELETE_FAILED',
    ]);
  });
});

describe('a function', () => {
  const mark = { version: '1.0.0', configuration: '0123456789abcdef' };
  const Description = printDescription('sweep', mark);
  const changedAt = Date.UTC(2026, 0, 2);
  const judge = (found: object | undefined) =>
    judgeFunction(found && { State: 'Active', Description, ...found }, {
      local: { ...mark, changedAt },
      ...COMMANDS,
    }).map(printVerdict);
  const other = {
    Description: printDescription('sweep', { ...mark, configuration: 'fedcba9876543210' }),
  };

  it.each([
    [{}, 'green: is active, and has this version and this configuration'],
    [
      { State: 'Inactive' },
      'yellow: was idle for weeks, and is inactive: its next invocation fails and makes it active',
    ],
    [{ State: 'Pending' }, 'yellow: is not active yet (Pending: no reason given)'],
    [{ State: 'Failed', StateReason: 'no subnet' }, 'red: is Failed: no subnet'],
    [{ State: undefined }, 'red: is unknown: no reason given'],
    [{ LastUpdateStatus: 'InProgress' }, 'yellow: is being updated'],
    [{ LastUpdateStatus: 'Successful' }, 'green: is active, and has this version and this configuration'],
    [
      { LastUpdateStatus: 'Failed', LastUpdateStatusReason: 'no right' },
      'red: its last update failed: no right | DEPLOY',
    ],
    [{ LastUpdateStatus: 'Failed' }, 'red: its last update failed: no reason given | DEPLOY'],
    [
      { Description: undefined },
      'yellow: does not say which version and configuration it has. A deployment makes it say so | DEPLOY',
    ],
    [
      { Description: printDescription('sweep', { ...mark, version: '0.9.0' }) },
      'yellow: has version 0.9.0 of vsweep; this is version 1.0.0 | DEPLOY',
    ],
    [other, 'yellow: has another configuration than the one here | DEPLOY'],
    [
      { ...other, LastModified: '2026-01-01T00:00:00.000+0000' },
      'yellow: has another configuration than the one here, which was written here after the deployment of 2026-01-01T00:00:00.000Z | DEPLOY',
    ],
    [
      { ...other, LastModified: '2026-01-02T00:00:00.000+0000' },
      'yellow: has another configuration than the one here, which is older than the deployment of 2026-01-02T00:00:00.000Z | DEPLOY',
    ],
  ])('described as %j is judged "%s"', (found, expected) => {
    expect(judge(found)).toEqual([expected]);
  });

  it('has a line for each fault, the worst first', () => {
    const Description = printDescription('sweep', { version: '2', configuration: 'fedcba9876543210' });
    expect(judge({ State: 'Pending', LastUpdateStatus: 'InProgress', Description })).toEqual([
      'yellow: is not active yet (Pending: no reason given)',
      'yellow: is being updated',
      'yellow: has version 2 of vsweep; this is version 1.0.0 | DEPLOY',
      'yellow: has another configuration than the one here | DEPLOY',
    ]);
  });

  it('that was deleted comes back by a deployment that reverts drift, which a plain one does not see', () => {
    expect(judge(undefined)).toEqual(['red: does not exist in this account and region | RESTORE']);
  });

  const DestinationConfig = { OnFailure: { Destination: 'arn' } };
  const set =
    "aws lambda update-function-event-invoke-config --function-name 'V s' --maximum-retry-attempts 0";
  const nowhere = 'yellow: events that fail go nowhere: the failure destination was removed | RESTORE';
  it.each([
    [{ MaximumRetryAttempts: 0, DestinationConfig }, true, []],
    [{ MaximumRetryAttempts: 0 }, false, []],
    [
      { MaximumRetryAttempts: 1, DestinationConfig },
      true,
      [`yellow: Lambda runs a failed event up to 1 times again; the stack sets 0 | ${set}`],
    ],
    [
      undefined,
      false,
      ['yellow: Lambda runs a failed event up to 2 times again; the stack sets 0 | RESTORE'],
    ],
    [{ MaximumRetryAttempts: 0 }, true, [nowhere]],
    [{ MaximumRetryAttempts: 0, DestinationConfig: { OnFailure: {} } }, true, [nowhere]],
    [{ MaximumRetryAttempts: 0, DestinationConfig: {} }, true, [nowhere]],
  ])(
    'that repeats events is set right by Lambda itself, because an unchanged template would not be deployed (%#)',
    (found, hasDestination, expected) => {
      const of = { name: 'V s', restore: 'RESTORE', hasDestination };
      expect(judgeRepetition(found, of).map(printVerdict)).toEqual(expected);
    },
  );
});

describe('concurrency', () => {
  const judge = (left: number | undefined, more: object = {}, reserved: object = {}) =>
    printVerdict(
      judgeConcurrency(left === undefined ? undefined : { UnreservedConcurrentExecutions: left }, {
        sweeps: 10,
        workers: 50,
        ...more,
        reserved: { sweep: undefined, worker: undefined, ...reserved },
      }),
    );
  const ask = 'Ask Service Quotas for more concurrent executions of AWS Lambda';
  const has = (left: number) => `the account has ${left} unreserved executions at once`;
  const few = (left: number, workers: number, of = 50) =>
    `yellow: ${has(left)}, so at most ${workers} of ${of} workers (aws.maxConcurrentBatches) run at once. Runs stay complete, because workers wait for each other; if they are too slow: ${ask}`;

  it.each([
    [undefined, 'yellow: not checked: AWS does not say what the account may run at once'],
    [60, `green: ${has(60)}, enough for 10 schedules and 50 workers`],
    [59, few(59, 49)],
    [11, few(11, 1)],
    [
      10,
      `yellow: ${has(10)}, and none of them is left for a worker: the sweep function collects all by itself. ${ask}`,
    ],
    [
      9,
      `yellow: ${has(9)}, and 10 schedules begin together with 9 for them: events that wait for a minute are dropped. ${ask}`,
    ],
  ])('of %s unreserved executions', (left, expected) => {
    expect(judge(left)).toBe(expected);
  });

  it('needs none for workers where there are none', () => {
    expect(judge(10, { workers: 0 })).toBe(`green: ${has(10)}, enough for 10 schedules and 0 workers`);
  });

  it('that a function reserved is not taken from what is left', () => {
    expect(judge(50, {}, { sweep: 10 })).toBe(`green: ${has(50)}, enough for 10 schedules and 50 workers`);
    expect(judge(49, {}, { sweep: 10 })).toBe(few(49, 49));
    expect(judge(10, {}, { worker: 50 })).toBe(`green: ${has(10)}, enough for 10 schedules and 50 workers`);
  });

  it('that the configuration limits is not laid on the account', () => {
    expect(judge(990, {}, { sweep: 9 })).toBe(
      'yellow: aws.functions.sweep.reservedConcurrency is 9, and 10 schedules begin together: events that wait for a minute are dropped. Raise it, or leave it out',
    );
    expect(judge(990, {}, { sweep: 10, worker: 49 })).toBe(
      'yellow: aws.functions.collect-batch.reservedConcurrency is 49, so at most that many of 50 workers (aws.maxConcurrentBatches) run at once',
    );
  });
});

describe('schedules', () => {
  const orders = [
    { sweep: 'a', everyMs: 60_000 },
    { sweep: 'b', target: 'vc01', everyMs: 7_200_000 },
  ];
  const schedule = (Description: string, ScheduleExpression: string, more: object = {}) => ({
    Name: `of ${Description}`,
    Description,
    ScheduleExpression,
    ...more,
  });
  const a = schedule('vsweep sweep a', 'rate(1 minute)');
  const b = schedule('vsweep sweep b on vc01', 'rate(2 hours)', { State: 'ENABLED' });
  const judge = (found: Parameters<typeof judgeSchedules>[0], of = orders) =>
    judgeSchedules(found, { orders: of, ...COMMANDS }).map(printVerdict);
  const runsAt = (expression: string) => [
    `yellow: sweep a runs at ${expression}; the configuration here says every 60 s | RESTORE`,
  ];

  it('that are as they should be are one line', () => {
    expect(judge([a, b])).toEqual(['green: all 2 schedules are enabled']);
    expect(judge([a], orders.slice(0, 1))).toEqual(['green: the one schedule is enabled']);
    const daily = [{ sweep: 'a', everyMs: 86_400_000 }];
    expect(judge([{ ...a, ScheduleExpression: 'rate(1 day)' }], daily)).toEqual([
      'green: the one schedule is enabled',
    ]);
  });

  it.each([
    ['rate(2 minutes)'],
    ['rate(1 week)'],
    ['cron(0 * * * ? *)'],
    ['a rate(1 minute)'],
    ['rate(1 minute) b'],
    [''],
  ])('with another interval are named: %s', (expression) => {
    expect(judge([{ ...a, ScheduleExpression: expression }, b])).toEqual(runsAt(expression));
  });

  it('that lack, are off, or are not of the configuration are named', () => {
    const { ScheduleExpression: _, ...without } = a;
    expect(judge([without, b])).toEqual(runsAt(''));
    expect(judge([{ ...a, State: 'DISABLED' }])).toEqual([
      'red: the schedule of sweep a is DISABLED. Enable of vsweep sweep a in EventBridge Scheduler',
      'red: sweep b on vc01 has no schedule | RESTORE',
    ]);
    expect(judge([a, b, schedule('vsweep sweep old', ''), { Name: 'odd' }])).toEqual([
      'yellow: vsweep sweep old is scheduled, and is not in the configuration here | DEPLOY',
      'yellow: odd is scheduled, and is not in the configuration here | DEPLOY',
    ]);
  });
});

describe('the last run', () => {
  const now = Date.UTC(2026, 10, 29, 12);
  const at = (minutes: number) => new Date(now - minutes * 60_000);
  const of = { everyMs: 60_000, now, deployedAt: undefined, logs: 'LOGS' };
  const judge = (found: Parameters<typeof judgeLastRun>[0], more: object = {}) =>
    printVerdict(judgeLastRun(found, { ...of, ...more }));
  const runs = { Id: 'runs', Timestamps: [at(9), at(2), at(5)], Values: [1, 0, 1] };

  it('is the newest one that ended, and failed where the other metric says so', () => {
    const ended = 'its last run ended at 2026-11-29T11:55:00.000Z';
    expect(judge([runs])).toBe(`green: ${ended}`);
    expect(judge([{ Id: 'failed', Timestamps: [at(9), at(5)], Values: [1] }, runs])).toBe(`green: ${ended}`);
    expect(judge([{ Id: 'failed', Timestamps: [at(5)], Values: [1] }, runs])).toBe(
      `yellow: ${ended}, and failed (metric FailedRuns) | LOGS`,
    );
  });

  it('lacks, which is red unless the function was changed a moment ago', () => {
    const none = 'no run ended within 15 minutes';
    for (const found of [[], [{ Id: 'runs' }], [{ Id: 'failed', Timestamps: [at(5)], Values: [1] }]])
      expect(judge(found)).toBe(`red: ${none} | LOGS`);
    const changed = `yellow: ${none}; the function was changed less than that ago`;
    expect(judge([], { deployedAt: now - 15 * 60_000 + 1 })).toBe(changed);
    expect(judge([], { deployedAt: now - 15 * 60_000 })).toBe(`red: ${none} | LOGS`);
  });

  it('is looked for in three intervals and five minutes, and in 15 minutes at least', () => {
    expect([60_000, 3_600_000].map(windowOf)).toEqual([15 * 60_000, (180 + 5) * 60_000]);
  });
});

it('a region is wrong only where the configuration names another one', () => {
  const named = { path: 'aws.kmsKeyArn', region: 'eu-north-1' };
  expect(judgeRegion(named, { region: 'eu-north-1' })).toBeUndefined();
  expect(judgeRegion(undefined, { region: 'eu-north-1' })).toBeUndefined();
  const wrong = judgeRegion(named, { region: 'us-east-1' });
  expect(wrong && printVerdict(wrong)).toBe(
    'red: the region here is us-east-1, but aws.kmsKeyArn is in eu-north-1, where the stack has to be | export AWS_REGION=eu-north-1',
  );
});
