import { describe, expect, it } from 'vitest';
import { judgeAlarms } from '../../../../lib/cli/doctor/verdicts/stack/alarms.ts';
import { judgeConcurrency } from '../../../../lib/cli/doctor/verdicts/stack/concurrency.ts';
import { judgeFunction, judgeRepetition } from '../../../../lib/cli/doctor/verdicts/stack/function.ts';
import { windowOf } from '../../../../lib/cli/doctor/verdicts/stack/last-run.ts';
import { judgeRegion } from '../../../../lib/cli/doctor/verdicts/stack/region.ts';
import { judgeSchedules } from '../../../../lib/cli/doctor/verdicts/stack/schedules.ts';
import { judgeSecret } from '../../../../lib/cli/doctor/verdicts/stack/secret.ts';
import { judgeStack } from '../../../../lib/cli/doctor/verdicts/stack/stack.ts';
import { judgeTable, judgeTimeToLive } from '../../../../lib/cli/doctor/verdicts/stack/table.ts';
import { printDescription } from '../../../../lib/config/deployed-mark.ts';

const COMMANDS = { deploy: 'DEPLOY', restore: 'RESTORE' };

describe('the status of a stack', () => {
  it.each([
    ['CREATE_COMPLETE', 'green', /complete/, undefined],
    ['UPDATE_COMPLETE', 'green', /complete/, undefined],
    ['IMPORT_COMPLETE', 'green', /complete/, undefined],
    ['UPDATE_ROLLBACK_COMPLETE', 'yellow', /as before/, 'DEPLOY'],
    ['UPDATE_IN_PROGRESS', 'yellow', /under way/, undefined],
    ['ROLLBACK_COMPLETE', 'red', /Delete the stack, then deploy again/, 'DEPLOY'],
    ['UPDATE_ROLLBACK_FAILED', 'red', /failed/, undefined],
  ])('%s is %s', (StackStatus, colour, reason, command) => {
    const [verdict] = judgeStack({ StackStatus }, COMMANDS);
    expect(verdict).toMatchObject({ colour, reason: expect.stringMatching(reason) });
    expect(verdict?.command).toBe(command);
  });

  it('is undone by a deployment that reverts drift where it has drifted', () => {
    const DriftInformation = { StackDriftStatus: 'DRIFTED' };
    expect(judgeStack({ StackStatus: 'CREATE_COMPLETE', DriftInformation }, COMMANDS)[1]).toMatchObject({
      colour: 'yellow',
      command: 'RESTORE',
    });
  });
});

describe('a function', () => {
  const mark = { version: '1.0.0', configuration: '0123456789abcdef' };
  const Description = printDescription('sweep', mark);
  const judge = (found: object) =>
    judgeFunction(
      { State: 'Active', Description, ...found },
      { local: { ...mark, changedAt: 0 }, ...COMMANDS },
    );

  it.each([
    [{}, 'green'],
    [{ State: 'Inactive' }, 'yellow'],
    [{ State: 'Pending' }, 'yellow'],
    [{ State: 'Failed', StateReason: 'no subnet' }, 'red'],
    [{ State: 'Odd' }, 'red'],
    [{ LastUpdateStatus: 'InProgress' }, 'yellow'],
    [{ LastUpdateStatus: 'Failed' }, 'red'],
    [{ Description: printDescription('sweep', { ...mark, configuration: 'fedcba9876543210' }) }, 'yellow'],
  ])('%j is %s', (found, colour) => {
    expect(judge(found).map((one) => one.colour)).toEqual([colour]);
  });

  it('that was deleted comes back by a deployment that reverts drift, which a plain one does not see', () => {
    const local = { ...mark, changedAt: 0 };
    expect(judgeFunction(undefined, { local, ...COMMANDS })[0]).toMatchObject({
      colour: 'red',
      command: 'RESTORE',
    });
  });

  it('that repeats events is set right by Lambda itself, because an unchanged template would not be deployed', () => {
    const of = { name: 'Vsweep-sweep', restore: 'RESTORE', hasDestination: true };
    const DestinationConfig = { OnFailure: { Destination: 'arn' } };
    expect(judgeRepetition({ MaximumRetryAttempts: 0, DestinationConfig }, of)).toEqual([]);
    expect(judgeRepetition({ MaximumRetryAttempts: 1, DestinationConfig }, of)[0]?.command).toBe(
      'aws lambda update-function-event-invoke-config --function-name Vsweep-sweep --maximum-retry-attempts 0',
    );
    expect(judgeRepetition(undefined, { ...of, hasDestination: false })[0]?.command).toBe('RESTORE');
    expect(judgeRepetition({ MaximumRetryAttempts: 0 }, of)[0]?.reason).toContain(
      'events that fail go nowhere',
    );
  });
});

describe('a secret', () => {
  const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/1111';
  const of = { id: 'vsweep/vc01', kmsKeyArn: KEY, integrity: false, where: 'account 1, region eu-central-1' };
  const VersionIdsToStages = { a: ['AWSCURRENT'] };

  it.each([
    [undefined, KEY, 'green'],
    ['alias/aws/secretsmanager', undefined, 'green'],
    [KEY, KEY, 'green'],
    ['1111', KEY, 'green'],
    ['alias/mine', KEY, 'yellow'],
    [KEY, undefined, 'yellow'],
    ['arn:aws:kms:eu-central-1:123456789012:key/2222', KEY, 'red'],
    ['2222', KEY, 'red'],
  ])('under the key %s with aws.kmsKeyArn %s is %s', (KmsKeyId, kmsKeyArn, colour) => {
    const found = { VersionIdsToStages, ...(KmsKeyId === undefined ? {} : { KmsKeyId }) };
    expect(judgeSecret(found, { ...of, kmsKeyArn }).colour).toBe(colour);
  });

  it('that lacks is created in the region that was looked at, by its name; by an ARN nothing can be created', () => {
    const missing = judgeSecret(undefined, of);
    expect(missing.reason).toContain('does not exist in account 1, region eu-central-1');
    expect(missing.command).toContain('--name vsweep/vc01 --region eu-central-1 ');
    const arn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:vsweep/vc01-AbCdEf';
    expect(judgeSecret(undefined, { ...of, id: arn })).toMatchObject({ colour: 'red' });
    expect(judgeSecret(undefined, { ...of, id: arn }).command).toBeUndefined();
  });

  it('of the stack is never created anew', () => {
    expect(judgeSecret(undefined, { ...of, integrity: true })).toMatchObject({ colour: 'red' });
    expect(judgeSecret(undefined, { ...of, integrity: true }).command).toBeUndefined();
  });
});

describe('alarms', () => {
  const alarm = (name: string, more: object = {}) => ({
    AlarmName: `Vsweep-${name}`,
    ActionsEnabled: true,
    AlarmActions: ['arn'],
    ...more,
  });
  const judge = (...found: ReturnType<typeof alarm>[]) =>
    judgeAlarms(found, {
      stack: 'Vsweep',
      restore: 'RESTORE',
      names: ['Vsweep-failing-a', ...found.map((one) => one.AlarmName)],
    });

  it.each([
    ['failing-a', 'red'],
    ['missing-a', 'red'],
    ['no-push-a', 'red'],
    ['pushgateway', 'red'],
    ['late-a', 'yellow'],
  ])('%s that fires is %s', (name, colour) => {
    const fires = judge(alarm('failing-a'), alarm(name, { StateValue: 'ALARM' }));
    expect(fires.map((one) => one.colour)).toEqual([colour]);
  });

  it('that were deleted, or have no action, are named', () => {
    expect(judge(alarm('late-a', { AlarmActions: [] }))).toMatchObject([
      { colour: 'yellow', reason: '1 of 2 were deleted: Vsweep-failing-a', command: 'RESTORE' },
      { colour: 'yellow', reason: 'Vsweep-late-a notifies nobody: it has no action', command: 'RESTORE' },
    ]);
    expect(judge(alarm('failing-a'))).toMatchObject([{ colour: 'green' }]);
  });
});

describe('concurrency', () => {
  const wanted = { sweeps: 10, workers: 50, reserved: { sweep: undefined, worker: undefined } };
  it('that the configuration limits is not laid on the account', () => {
    const limits = { UnreservedConcurrentExecutions: 990 };
    expect(judgeConcurrency(limits, wanted)).toMatchObject({ colour: 'green' });
    const sweep = judgeConcurrency(limits, { ...wanted, reserved: { sweep: 5, worker: undefined } });
    expect(sweep.reason).toMatch(/^aws\.functions\.sweep\.reservedConcurrency is 5/);
    const worker = judgeConcurrency(limits, { ...wanted, reserved: { sweep: 10, worker: 20 } });
    expect(worker.reason).toMatch(/^aws\.functions\.collect-batch\.reservedConcurrency is 20/);
    for (const { reason } of [sweep, worker]) expect(reason).not.toContain('Service Quotas');
  });
});

describe('the state table', () => {
  it.each([
    [{ TableStatus: 'ACTIVE' }, 'green'],
    [{ TableStatus: 'UPDATING' }, 'yellow'],
    [{ TableStatus: 'ARCHIVED' }, 'red'],
    [{ TableStatus: 'ACTIVE', KeySchema: [{ AttributeName: 'id' }] }, 'red'],
  ])('%j is %s', (found, colour) => {
    const KeySchema = [{ AttributeName: 'pk' }, { AttributeName: 'sk' }];
    const [verdict] = judgeTable({ KeySchema, DeletionProtectionEnabled: true, ...found }, 'table');
    expect(verdict?.colour).toBe(colour);
  });

  it('is yellow where items expire by another attribute', () => {
    const found = { TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' };
    expect(judgeTimeToLive(found, 'table')).toMatchObject({ colour: 'yellow' });
  });
});

it('a schedule that was deleted comes back by a deployment that reverts drift', () => {
  const orders = [{ sweep: 'a', everyMs: 60_000 }];
  expect(judgeSchedules([], { orders, ...COMMANDS })[0]).toMatchObject({ colour: 'red', command: 'RESTORE' });
});

it('a run has three intervals and five minutes, and ten minutes at least', () => {
  expect([60_000, 3_600_000].map(windowOf)).toEqual([15 * 60_000, (180 + 5) * 60_000]);
});

it('a region is wrong only where the configuration names another one', () => {
  const named = { path: 'aws.kmsKeyArn', region: 'eu-north-1' };
  expect(judgeRegion(named, { region: 'eu-north-1' })).toBeUndefined();
  expect(judgeRegion(undefined, { region: 'eu-north-1' })).toBeUndefined();
  expect(judgeRegion(named, { region: 'us-east-1' })).toMatchObject({ colour: 'red' });
});
