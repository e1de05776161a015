import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { FUNCTIONS } from '../../cdk/bundle.ts';
import { functionNameOf, STACK } from '../../lib/config/deployed-names.ts';
import { ENV } from '../../lib/config/env.ts';
import { readPage, sectionOf, tableRows } from '../unit/docs/pages.ts';
import { type Statement, statementsOf } from './policies.ts';
import {
  EXAMPLE,
  resourceOf,
  resourcesOf,
  synthesise,
  temporaryFolder,
  withAlarms,
  writeConfig,
} from './synthesise.ts';

const folder = temporaryFolder();
const template = synthesise(EXAMPLE, join(folder, 'example'));
const functions = resourcesOf(template, 'AWS::Lambda::Function');
const logicalIdOf = (type: string, prefix: string) =>
  Object.keys(resourcesOf(template, type)).find((id) => id.startsWith(prefix));
const integritySecret = logicalIdOf('AWS::SecretsManager::Secret', 'Integrity');
const secret = (name: string) =>
  `arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:${name}-??????`;
const secretsRead = (role: string) =>
  statementsOf(template, role)
    .filter(({ actions }) => actions.some((action) => action.startsWith('secretsmanager:')))
    .flatMap(({ actions, resources }) => resources.map((resource) => [...actions, resource]))
    .sort();

describe('the functions', () => {
  it('are those that can be bundled, on Node 24 and arm64', () => {
    expect(Object.values(functions)).toHaveLength(FUNCTIONS.length);
    for (const properties of Object.values(functions)) {
      expect(properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
      });
    }
  });

  it('have the names by which "vsweep invoke" calls them', () => {
    const names = Object.values(functions).map(({ FunctionName }) => FunctionName);
    expect(names.sort()).toEqual(FUNCTIONS.map((name) => functionNameOf(STACK, name)).sort());
  });

  it('get the environment that they read, but for what Lambda sets itself, and no other', () => {
    const { taskRoot: _setByLambda, functionName: _too, functionMemory: _also, ...ofAll } = ENV;
    const { taskMemory: _ofTheTask, taskHealthPort: _ofItsContainer, ...deployed } = ofAll;
    const sealed = {
      [deployed.stack]: STACK,
      [deployed.integritySecret]: { Ref: logicalIdOf('AWS::SecretsManager::Secret', 'Integrity') },
    };
    const variables = (prefix: string) =>
      resourceOf(template, 'AWS::Lambda::Function', prefix)['Environment'];
    expect(variables('Sweep')).toEqual({
      Variables: {
        [deployed.table]: { Ref: logicalIdOf('AWS::DynamoDB::GlobalTable', 'State') },
        ...sealed,
        [deployed.collectBatch]: { Ref: logicalIdOf('AWS::Lambda::Function', 'CollectBatch') },
      },
    });
    for (const [prefix, more] of [
      ['CollectBatch', sealed],
      ['Poll', {}],
    ] as const) {
      expect(variables(prefix)).toEqual({
        Variables: {
          ...more,
          [deployed.table]: { Ref: logicalIdOf('AWS::DynamoDB::GlobalTable', 'State') },
        },
      });
    }
    const keys = Object.values(functions).flatMap(({ Environment }) =>
      Object.keys((Environment as { Variables: object }).Variables),
    );
    expect([...new Set(keys)].sort()).toEqual(Object.values(deployed).sort());
  });

  it('are never run again by Lambda, and not long after their time', () => {
    const configs = Object.values(resourcesOf(template, 'AWS::Lambda::EventInvokeConfig'));
    expect(configs).toHaveLength(FUNCTIONS.length);
    for (const config of configs) {
      expect(config).toMatchObject({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
    }
  });

  it('hand a failed run to the queue, but never a batch, which may hold a ticket', () => {
    const queue = logicalIdOf('AWS::SQS::Queue', 'FailedRuns');
    const destination = (prefix: string) =>
      resourceOf(template, 'AWS::Lambda::EventInvokeConfig', prefix)['DestinationConfig'];
    expect(destination('Sweep')).toEqual({ OnFailure: { Destination: { 'Fn::GetAtt': [queue, 'Arn'] } } });
    expect(destination('CollectBatch')).toBeUndefined();
    expect(destination('Poll')).toBeUndefined();
  });

  it('log to a group of their own that forgets after a month', () => {
    const groups = resourcesOf(template, 'AWS::Logs::LogGroup');
    for (const group of Object.values(groups)) expect(group).toMatchObject({ RetentionInDays: 30 });
    const used = Object.values(functions).map(
      ({ LoggingConfig }) => (LoggingConfig as { LogGroup: { Ref: string } }).LogGroup.Ref,
    );
    expect(used.sort()).toEqual(Object.keys(groups).sort());
    expect(new Set(used).size).toBe(FUNCTIONS.length);
  });

  it.each([
    { every: ['1m'], seconds: 60 },
    { every: ['1m', '5m'], seconds: 300 },
    { every: ['1m', '1h'], seconds: 900 },
  ])('have the time of the longest interval, as far as Lambda allows: $every', ({ every, seconds }) => {
    const sweeps = every.map(
      (interval, index) =>
        `{ name: s${index}, job: j${index}, every: ${interval}, collectors: [overall-status] }`,
    );
    const file = writeConfig(
      folder,
      withAlarms(`targets: [{ name: vc, credentials: { secret: vc } }]\nsweeps: [${sweeps}]\n`),
    );
    const { Timeout } = resourceOf(
      synthesise(file, join(folder, String(seconds))),
      'AWS::Lambda::Function',
      'Sweep',
    );
    expect(Timeout).toBe(seconds);
  });
});

describe('the URL of the poll function', () => {
  it('is not there unless it is asked for', () => {
    expect(resourcesOf(template, 'AWS::Lambda::Url')).toEqual({});
    expect(template.findOutputs('PollUrl')).toEqual({});
  });

  it('answers callers whom IAM has checked, and opens the function to nobody else', () => {
    const file = writeConfig(
      folder,
      withAlarms(
        'targets: [{ name: vc, credentials: { secret: vc } }]\nsweeps: [{ name: s, every: 1m, collectors: [overall-status] }]\naws: { poll: { functionUrl: true } }\n',
      ),
    );
    const withUrl = synthesise(file, join(folder, 'url'));
    const [[id, url] = ['', {}], ...others] = Object.entries(resourcesOf(withUrl, 'AWS::Lambda::Url'));
    const poll = Object.keys(resourcesOf(withUrl, 'AWS::Lambda::Function')).find((one) =>
      one.startsWith('Poll'),
    );
    expect(others).toEqual([]);
    expect(url).toEqual({ AuthType: 'AWS_IAM', TargetFunctionArn: { 'Fn::GetAtt': [poll, 'Arn'] } });
    expect(withUrl.findOutputs('PollUrl')).toEqual({
      PollUrl: { Value: { 'Fn::GetAtt': [id, 'FunctionUrl'] } },
    });
    // With a resource policy others than those of this account could get in.
    expect(resourcesOf(withUrl, 'AWS::Lambda::Permission')).toEqual({});
  });
});

describe('the schedules', () => {
  const schedules = Object.values(resourcesOf(template, 'AWS::Scheduler::Schedule'));

  it('are one a sweep, at its interval, with the event that the sweep function reads', () => {
    expect(
      schedules.map(({ ScheduleExpression, Target, State }) => [
        ScheduleExpression,
        JSON.parse((Target as { Input: string }).Input),
        State,
      ]),
    ).toEqual([
      ['rate(1 minute)', { sweep: 'services', scheduledAt: '<aws.scheduler.scheduled-time>' }, 'ENABLED'],
      ['rate(5 minutes)', { sweep: 'status', scheduledAt: '<aws.scheduler.scheduled-time>' }, 'ENABLED'],
    ]);
  });

  it('start the sweep function once or not at all, and keep what could not be delivered', () => {
    const sweep = logicalIdOf('AWS::Lambda::Function', 'Sweep');
    const queue = logicalIdOf('AWS::SQS::Queue', 'FailedRuns');
    for (const schedule of schedules) {
      expect(schedule).toMatchObject({
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: {
          Arn: { 'Fn::GetAtt': [sweep, 'Arn'] },
          RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
          DeadLetterConfig: { Arn: { 'Fn::GetAtt': [queue, 'Arn'] } },
        },
      });
    }
  });

  it('may start the sweep function and nothing else', () => {
    const started = statementsOf(template, 'SchedulesRole').filter(isAbout('lambda:'));
    expect(started.flatMap(({ resources }) => resources)).toEqual([
      logicalIdOf('AWS::Lambda::Function', 'Sweep'),
    ]);
  });
});

describe('the queue of failed runs', () => {
  it('keeps a message as long as the docs say', () => {
    const { MessageRetentionPeriod } = resourceOf(template, 'AWS::SQS::Queue', 'FailedRuns');
    const days = Number(MessageRetentionPeriod) / 86_400;
    const said = ['docs/operations.md', 'docs/architecture.md', 'cdk/README.md'].flatMap((page) =>
      readPage(page)
        .split('\n')
        .filter((line) => line.includes('queue') && /\d+ days/.test(line))
        .map((line) => [page, ...(line.match(/\d+(?= days)/g) ?? [])]),
    );
    expect(new Set(said.map(([page]) => page)).size).toBe(3);
    expect(new Set(said.flatMap(([, ...numbers]) => numbers))).toEqual(new Set([String(days)]));
  });
});

describe('the state table', () => {
  it('cannot be deleted by mistake, can be restored, is encrypted and outlives the stack', () => {
    const [table] = Object.values(template.findResources('AWS::DynamoDB::GlobalTable'));
    expect(table).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        SSESpecification: { SSEEnabled: true },
        // Claims alone have it; no item that lives on is ever given one.
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        Replicas: [
          {
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          },
        ],
      },
    });
  });
});

describe('the integrity secret', () => {
  it('is random, and neither changed, rotated nor deleted: another value would make hosts and keys unknown', () => {
    const secrets = Object.values(template.findResources('AWS::SecretsManager::Secret'));
    expect(secrets).toEqual([
      {
        Type: 'AWS::SecretsManager::Secret',
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          Description: expect.any(String),
          // CloudFormation makes a new value whenever this changes.
          GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true },
        },
      },
    ]);
    template.resourceCountIs('AWS::SecretsManager::RotationSchedule', 0);
    expect(JSON.stringify(template.findOutputs('IntegritySecretArn'))).toContain(integritySecret);
  });
});

describe('the rights', () => {
  it('to secrets are those that cdk/README.md has, function by function', () => {
    const names: Readonly<Record<string, readonly string[]>> = {
      "targets'": ['vsweep/vc01', 'vsweep/vc02'].map(secret),
      "hosts'": [secret('vsweep/esxi')],
      "NetBox's": [secret('vsweep/netbox')],
      "push's": [secret('vsweep/push')],
      'the integrity secret': [`<${integritySecret}>`],
    };
    const roles: Readonly<Record<string, string>> = {
      sweep: 'SweepRole',
      'collect-batch': 'CollectBatchRole',
      poll: 'PollRole',
    };
    const documented = tableRows(sectionOf('cdk/README.md', 'What is deployed')).flatMap((cells) => {
      const [, name = ''] = /^\[([a-z-]+)\]\(\.\.\/functions/.exec(cells[0] ?? '') ?? [];
      return name === '' ? [] : [[name, cells[3] ?? ''] as const];
    });
    expect(documented.map(([name]) => name).sort()).toEqual([...FUNCTIONS].sort());
    for (const [name, cell] of documented) {
      const said = cell.split(', ').flatMap((word) => names[word] ?? [`unknown: ${word}`]);
      const read = secretsRead(roles[name] ?? '').map((right) => right.at(-1));
      expect(read.toSorted(), name).toEqual(said.toSorted());
    }
  });

  it('to read secrets are exactly those to the secrets that a function needs', () => {
    const read = (names: string[], ...more: (string | undefined)[]) =>
      [...names.map(secret), ...more].map((resource) => ['secretsmanager:GetSecretValue', resource]).sort();
    const integrity = `<${integritySecret}>`;
    expect(secretsRead('CollectBatch')).toEqual(read(['vsweep/esxi'], integrity));
    expect(secretsRead('Sweep')).toEqual(
      read(['vsweep/esxi', 'vsweep/netbox', 'vsweep/push', 'vsweep/vc01', 'vsweep/vc02'], integrity),
    );
    expect(secretsRead('Poll')).toEqual(read(['vsweep/vc01', 'vsweep/vc02']));
    expect(secretsRead('Schedules')).toEqual([]);
  });

  it('to invoke a function are those of the sweep function to the worker', () => {
    const worker = logicalIdOf('AWS::Lambda::Function', 'CollectBatch');
    const invoked = (role: string) =>
      statementsOf(template, role)
        .filter(isAbout('lambda:'))
        .flatMap(({ resources }) => resources);
    expect(invoked('SweepRole')).toEqual([worker]);
    expect(invoked('CollectBatch')).toEqual([]);
    expect(invoked('Poll')).toEqual([]);
  });

  it('name their actions and resources one by one', () => {
    const all = Object.keys(resourcesOf(template, 'AWS::IAM::Policy')).flatMap((id) =>
      statementsOf(template, id),
    );
    expect(all).not.toEqual([]);
    for (const { effect, actions, resources } of all) {
      expect(effect).toBe('Allow');
      expect([...actions, ...resources].filter((text) => text.includes('*'))).toEqual([]);
    }
  });

  it('come from no policy that AWS may widen', () => {
    for (const role of Object.values(resourcesOf(template, 'AWS::IAM::Role'))) {
      expect(role['ManagedPolicyArns']).toBeUndefined();
    }
  });

  it('on the state table hold for named keys only', () => {
    const onTable = ['Sweep', 'CollectBatch', 'Poll'].flatMap((role) =>
      statementsOf(template, role).filter(isAbout('dynamodb:')),
    );
    for (const { condition, resources } of onTable) {
      expect(resources).toEqual([logicalIdOf('AWS::DynamoDB::GlobalTable', 'State')]);
      expect(condition).toEqual({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': expect.any(Array) } });
    }
  });

  const written = (made: Template, role: string) => {
    const statements = statementsOf(made, role).filter(isAbout('dynamodb:'));
    const writes = statements.filter(({ actions }) => actions.some((action) => !READS.includes(action)));
    return [...new Set(writes.flatMap(({ condition }) => leadingKeys(condition)))].sort();
  };

  it('let a worker write accounts and claims, a poll accounts, and only a sweep the rest', () => {
    const accounts = ['account#*', 'accounts', 'proven#*'];
    expect(written(template, 'Poll')).toEqual(accounts);
    expect(written(template, 'CollectBatch')).toEqual([...accounts, 'claim#*'].sort());
    const others = [
      'credential#*',
      'flights',
      'groups',
      'netbox#*',
      'run#*',
      'series#*',
      'stamps',
      'target#*',
    ];
    expect(written(template, 'Sweep')).toEqual([...accounts, ...others].sort());
  });

  it('let who logs in to hosts pin their keys where the first one is trusted, and nobody where it is refused', () => {
    const file = writeConfig(
      folder,
      readFileSync(EXAMPLE, 'utf8').replace('unknown: refuse', 'unknown: trust-first'),
    );
    const trusting = synthesise(file, join(folder, 'trust-first'));
    const pins = ['Sweep', 'CollectBatch', 'Poll'].map((role) =>
      written(trusting, role).includes('hostkeys'),
    );
    expect(pins).toEqual([true, true, false]);
  });

  it('take a secret that is given by its ARN as it is', () => {
    const arn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:vc-AbCdEf';
    const file = writeConfig(
      folder,
      withAlarms(
        `targets: [{ name: vc, credentials: { secret: "${arn}" } }]\nsweeps: [{ name: s, every: 1m, collectors: [overall-status] }]\n`,
      ),
    );
    const statements = statementsOf(synthesise(file, join(folder, 'arn')), 'SweepRole');
    expect(statements.find(isAbout('secretsmanager:'))?.resources).toEqual([arn]);
  });
});

const READS = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];

const leadingKeys = (condition: unknown): readonly string[] =>
  (condition as { 'ForAllValues:StringLike': Record<string, readonly string[]> })['ForAllValues:StringLike'][
    'dynamodb:LeadingKeys'
  ] ?? [];

function isAbout(service: string) {
  return ({ actions }: Statement) => actions.some((action) => action.startsWith(service));
}
