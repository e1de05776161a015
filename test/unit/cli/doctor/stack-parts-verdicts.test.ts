import { describe, expect, it } from 'vitest';
import { judgeAlarms, judgeDeadLetters } from '../../../../lib/cli/doctor/verdicts/stack/alarms.ts';
import { judgeSecret } from '../../../../lib/cli/doctor/verdicts/stack/secret.ts';
import {
  judgeBackups,
  judgeTable,
  judgeTimeToLive,
} from '../../../../lib/cli/doctor/verdicts/stack/table.ts';
import { printVerdict } from '../../../support/print-verdict.ts';

describe('a secret', () => {
  const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/1111';
  const OTHER = 'arn:aws:kms:eu-central-1:123456789012:key/2222';
  const of = { id: 'vsweep/vc 1', kmsKeyArn: KEY, integrity: false, where: 'account 1, region eu-central-1' };
  const VersionIdsToStages = { a: ['AWSPREVIOUS'], b: ['AWSPENDING', 'AWSCURRENT'] };
  const judge = (found: Parameters<typeof judgeSecret>[0], more: object = {}) =>
    printVerdict(judgeSecret(found, { ...of, ...more }));
  const fine = 'green: exists, and has a value';
  const foreign = (key: string) =>
    `red: is encrypted with the key ${key}, and aws.kmsKeyArn is ${KEY}: the functions cannot decrypt it. Encrypt it with that key`;

  it.each([
    [undefined, KEY, fine],
    ['alias/aws/secretsmanager', undefined, fine],
    ['arn:aws:kms:eu-central-1:1:alias/aws/secretsmanager', KEY, fine],
    [KEY, KEY, fine],
    ['1111', KEY, fine],
    ['alias/mine', KEY, 'yellow: is encrypted with alias/mine; whether that is aws.kmsKeyArn is not checked'],
    [
      'alias/aws/secretsmanager2',
      KEY,
      'yellow: is encrypted with alias/aws/secretsmanager2; whether that is aws.kmsKeyArn is not checked',
    ],
    [
      'notalias/aws/secretsmanager',
      KEY,
      'yellow: is encrypted with notalias/aws/secretsmanager; whether that is aws.kmsKeyArn is not checked',
    ],
    [
      KEY,
      undefined,
      `yellow: is encrypted with the key ${KEY}, and aws.kmsKeyArn names none: the functions can decrypt it only if an app gives that key to the construct`,
    ],
    [OTHER, KEY, foreign(OTHER)],
    ['2222', KEY, foreign('2222')],
  ])('under the key %s with aws.kmsKeyArn %s', (KmsKeyId, kmsKeyArn, expected) => {
    expect(judge({ VersionIdsToStages, KmsKeyId }, { kmsKeyArn })).toBe(expected);
  });

  it('is about to be deleted, or has no value', () => {
    expect(judge({ VersionIdsToStages, DeletedDate: new Date(Date.UTC(2026, 0, 1)) })).toBe(
      "red: is scheduled for deletion since 2026-01-01T00:00:00.000Z, and cannot be read | aws secretsmanager restore-secret --secret-id 'vsweep/vc 1'",
    );
    const empty =
      "red: has no value yet. Write it into secret.json, and delete that file afterwards | aws secretsmanager put-secret-value --secret-id 'vsweep/vc 1' --secret-string file://secret.json";
    expect(judge({})).toBe(empty);
    expect(judge({ VersionIdsToStages: { a: ['AWSPREVIOUS'] } })).toBe(empty);
  });

  it('that lacks is created in the region that was looked at, by its name; by an ARN nothing can be created', () => {
    const write = 'Write it into secret.json, and delete that file afterwards';
    expect(judge(undefined)).toBe(
      `red: does not exist in account 1, region eu-central-1. ${write} | aws secretsmanager create-secret --name 'vsweep/vc 1' --region eu-central-1 --secret-string file://secret.json`,
    );
    expect(judge(undefined, { where: 'this account and region' })).toBe(
      `red: does not exist in this account and region. ${write} | aws secretsmanager create-secret --name 'vsweep/vc 1' --secret-string file://secret.json`,
    );
    const id = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:vsweep/vc01-AbCdEf';
    expect(judge(undefined, { id })).toBe(
      'red: does not exist in account 1, region eu-central-1. Name another secret in the configuration: AWS chooses the end of an ARN',
    );
  });

  it('of the stack is never created anew', () => {
    expect(judge(undefined, { integrity: true })).toBe(
      'red: the integrity secret does not exist: no worker believes a request, and host lists are unknown',
    );
  });
});

describe('alarms', () => {
  const alarm = (name: string, more: object = {}) => ({
    AlarmName: `Vsweep-${name}`,
    AlarmDescription: `about ${name}`,
    ActionsEnabled: true,
    AlarmActions: ['arn'],
    ...more,
  });
  const judge = (names: readonly string[], ...found: Parameters<typeof judgeAlarms>[0]) =>
    judgeAlarms(found, { stack: 'Vsweep', restore: 'RESTORE', names }).map(printVerdict);

  it.each([
    ['failing-a', 'red'],
    ['missing-a', 'red'],
    ['no-push-a', 'red'],
    ['pushgateway', 'red'],
    ['pushgateway-disk', 'yellow'],
    ['a-pushgateway', 'yellow'],
    ['late-a', 'yellow'],
    ['late-failing-a', 'yellow'],
  ])('%s that fires is %s', (name, colour) => {
    expect(judge([`Vsweep-${name}`], alarm(name, { StateValue: 'ALARM' }))).toEqual([
      `${colour}: Vsweep-${name} fires: about ${name}`,
    ]);
  });

  it('of which none fires are one line, and so is a stack without any', () => {
    expect(judge(['Vsweep-a', 'Vsweep-b'], alarm('a', { StateValue: 'OK' }), alarm('b'))).toEqual([
      'green: none of 2 fires',
    ]);
    expect(judge([])).toEqual([
      'yellow: the stack has no alarms, so nobody learns of a run that fails | RESTORE',
    ]);
  });

  it('that were deleted, are mute, or have no action, are named', () => {
    const names = ['Vsweep-x', 'Vsweep-late a', 'Vsweep-y'];
    const mute = alarm('late a', {
      AlarmActions: [],
      ActionsEnabled: false,
      StateValue: 'ALARM',
      AlarmDescription: undefined,
    });
    expect(judge(names, mute)).toEqual([
      'yellow: 2 of 3 were deleted: Vsweep-x, Vsweep-y | RESTORE',
      'yellow: Vsweep-late a fires: no description',
      "yellow: Vsweep-late a notifies nobody: its actions are disabled | aws cloudwatch enable-alarm-actions --alarm-names 'Vsweep-late a'",
      'yellow: Vsweep-late a notifies nobody: it has no action | RESTORE',
    ]);
    // What AWS does not say is not held against an alarm.
    expect(judge(['Vsweep-a'], { AlarmName: 'Vsweep-a' })).toEqual(['green: none of 1 fires']);
  });
});

describe('the queue of failed runs', () => {
  const judge = (attributes: Record<string, string> | undefined) =>
    printVerdict(judgeDeadLetters(attributes, 'https://sqs/1/a b'));
  it('is empty, holds events, or is gone', () => {
    expect(judge({})).toBe('green: the queue of failed runs is empty');
    expect(judge({ ApproximateNumberOfMessages: '0' })).toBe('green: the queue of failed runs is empty');
    expect(judge({ ApproximateNumberOfMessages: '3' })).toBe(
      "yellow: the queue of failed runs holds about 3 events of the last two weeks | aws sqs receive-message --queue-url 'https://sqs/1/a b' --visibility-timeout 0 --max-number-of-messages 10",
    );
    expect(judge(undefined)).toBe('red: the queue of failed runs does not exist');
  });
});

describe('the state table', () => {
  const KeySchema = [{ AttributeName: 'pk' }, { AttributeName: 'sk' }];
  const judge = (found: object | undefined) =>
    judgeTable(found && { KeySchema, DeletionProtectionEnabled: true, ...found }, 'a b').map(printVerdict);
  const unprotected =
    "yellow: is not protected from being deleted, and holds what keeps accounts from being locked | aws dynamodb update-table --table-name 'a b' --deletion-protection-enabled";

  it.each([
    [{ TableStatus: 'ACTIVE' }, ['green: is active']],
    [{ TableStatus: 'UPDATING' }, ['yellow: is being changed (UPDATING)']],
    [{ TableStatus: 'ARCHIVED' }, ['red: cannot be used: it is ARCHIVED']],
    [{}, ['red: cannot be used: it is unknown']],
    [{ TableStatus: 'ACTIVE', DeletionProtectionEnabled: false }, ['green: is active', unprotected]],
    [
      { TableStatus: 'ACTIVE', KeySchema: [{ AttributeName: 'id' }, { AttributeName: 'sk' }] },
      ['red: has the keys id, sk, and vsweep needs pk, sk'],
    ],
    [{ TableStatus: 'ACTIVE', KeySchema: undefined }, ['red: has the keys , and vsweep needs pk, sk']],
    [undefined, ['red: does not exist in this account and region: runs have no state']],
  ])('described as %j is judged %j', (found, expected) => {
    expect(judge(found)).toEqual(expected);
  });

  const ttl =
    "aws dynamodb update-time-to-live --table-name 'a b' --time-to-live-specification Enabled=true,AttributeName=expiresAt";
  it.each([
    [{ TimeToLiveStatus: 'ENABLED', AttributeName: 'expiresAt' }, 'green: items expire by expiresAt'],
    [{ TimeToLiveStatus: 'ENABLING' }, 'green: items expire by expiresAt'],
    [
      { TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' },
      'yellow: items expire by ttl, and vsweep writes expiresAt: the table grows',
    ],
    [{ TimeToLiveStatus: 'DISABLING' }, `yellow: items do not expire (DISABLING): the table grows | ${ttl}`],
    [undefined, `yellow: items do not expire (DISABLED): the table grows | ${ttl}`],
  ])('whose time to live is %j', (found, expected) => {
    expect(printVerdict(judgeTimeToLive(found, 'a b'))).toBe(expected);
  });

  it('can be restored, or cannot', () => {
    const judgeRecovery = (PointInTimeRecoveryStatus: string) =>
      printVerdict(judgeBackups({ PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus } }, 'a b'));
    const off =
      "yellow: point-in-time recovery is off: a lost table forgets refusals and pinned host keys | aws dynamodb update-continuous-backups --table-name 'a b' --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true";
    expect(judgeRecovery('ENABLED')).toBe('green: point-in-time recovery is on');
    expect(judgeRecovery('DISABLED')).toBe(off);
    expect(printVerdict(judgeBackups({}, 'a b'))).toBe(off);
    expect(printVerdict(judgeBackups(undefined, 'a b'))).toBe(off);
  });
});
