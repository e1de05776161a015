import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blocksOf } from '../../../../unit/docs/pages.ts';
import { CONFIG, type DeployedHere, deployHere, SECRET } from './deployed-here.ts';

/** Of the credential and the login, which are no part of the looks at the stack. */
const OF_LOGINS = new Set(['secretsmanager:GetSecretValue', 'dynamodb:GetItem']);
const RESTORE = /^npx cdk deploy --revert-drift -c config=\/.*\/vsweep\.yaml$/;
const WHERE = 'account 123456789012, region eu-central-1';
const DEPLOY = /^npx cdk deploy -c config=\/.*\/vsweep\.yaml$/;

describe('vsweep doctor with a deployed stack', () => {
  let here: DeployedHere;
  beforeEach(async () => {
    here = await deployHere();
  });
  afterEach(() => here?.[Symbol.asyncDispose]());

  const notGreen = async () => (await here.ask()).aws.filter((line) => !line.startsWith('green'));
  const tableOf = () => {
    const [name = ''] = Object.keys(here.account.parts.tables);
    return { name, ...here.account.parts.tables[name] };
  };
  const changeFunction = (name: string, change: object) => {
    const one = here.account.parts.functions[`Vsweep-${name}`];
    if (one !== undefined) Object.assign(one.configuration, change);
  };

  it('has a green line for each part of the stack that the CDK synthesises, and asks for nothing but descriptions', async () => {
    const { aws } = await here.ask();
    expect(aws.filter((line) => !line.startsWith('green'))).toEqual([]);
    expect(aws.map((line) => line.split(':')[0])).toEqual([
      'green aws Vsweep',
      'green stack Vsweep',
      'green deployment Vsweep',
      'green function Vsweep-sweep',
      'green function Vsweep-collect-batch',
      'green function Vsweep-poll',
      'green concurrency Vsweep',
      'green table Vsweep',
      'green table Vsweep',
      'green table Vsweep',
      `green secret ${SECRET}`,
      'green integrity secret Vsweep',
      'green schedules Vsweep',
      'green last run services',
      'green last run slow',
      'green alarms Vsweep',
      'green dead letters Vsweep',
    ]);
    // The value of a secret is read by the check of the credential, which has been there before.
    const reads = here.account.asked.filter((action) => !OF_LOGINS.has(action));
    expect(reads.filter((action) => !/:(Describe|Get|List)/.test(action))).toEqual([]);
  });

  it('asks for no action that the policy in docs/deploy.md does not allow, and that policy allows no other', async () => {
    await here.ask();
    const policies = blocksOf('docs/deploy.md').filter(({ text }) => text.includes('ListStackResources'));
    const { Statement } = JSON.parse(policies[0]?.text ?? '{}') as { Statement: { Action: string[] }[] };
    const allowed = Statement.flatMap(({ Action }) => Action);
    const asked = new Set(here.account.asked.filter((one) => !OF_LOGINS.has(one)));
    expect([...asked].sort()).toEqual(allowed.sort());
  });

  it('names the account and the region where the stack is not, and prints no command that deploys or creates anything there', async () => {
    here.account.parts.stacks = {};
    here.account.parts.functions = {};
    here.account.parts.secrets = {};
    const found = await here.ask();
    expect(found.of('stack')).toEqual([
      expect.stringContaining(
        `red: does not exist in ${WHERE}. If that is not where it was deployed, set AWS_PROFILE`,
      ),
    ]);
    expect(found.lines.flatMap(({ command }) => command ?? []).join()).not.toMatch(
      /cdk deploy|create-secret/,
    );
    expect(found.of('secret')).toEqual(['yellow: not checked, because stack of Vsweep did not pass']);
    expect(found.of('function')).toEqual(
      Array(3).fill('yellow: not checked, because stack of Vsweep did not pass'),
    );
    expect(found.exitCode).toBe(1);
  });

  it('names a deployment that failed, its reason, and the part that failed', async () => {
    const [stack] = Object.values(here.account.parts.stacks);
    const [first] = stack?.resources ?? [];
    Object.assign(stack?.described ?? {}, {
      StackStatus: 'UPDATE_ROLLBACK_FAILED',
      StackStatusReason: 'a & b',
    });
    Object.assign(first ?? {}, { ResourceStatus: 'UPDATE_FAILED', ResourceStatusReason: 'no quota' });
    expect(await notGreen()).toEqual([
      'red deployment Vsweep: the last deployment failed (UPDATE_ROLLBACK_FAILED: a & b). Look at the events of the stack in CloudFormation',
      expect.stringMatching(/^red deployment Vsweep: the part \w+ is UPDATE_FAILED: no quota$/),
    ]);
  });

  it.each([
    ['UPDATE_ROLLBACK_COMPLETE', 'the last deployment failed, and the stack is as before it'],
    ['UPDATE_IN_PROGRESS', 'a deployment is under way'],
  ])('is yellow on a stack that is %s', async (StackStatus, said) => {
    Object.assign(here.account.parts.stacks['Vsweep']?.described ?? {}, {
      StackStatus,
      DriftInformation: { StackDriftStatus: 'DRIFTED' },
    });
    expect(await notGreen()).toEqual([
      `yellow deployment Vsweep: ${said} (${StackStatus})`,
      'yellow deployment Vsweep: resources were changed outside of CloudFormation (DRIFTED). Look at its drift results in CloudFormation; a deployment that reverts drift undoes them',
    ]);
  });

  it('says which function lacks, failed, was not updated or repeats events', async () => {
    delete here.account.parts.functions['Vsweep-poll'];
    changeFunction('collect-batch', { LastUpdateStatus: 'Failed', LastUpdateStatusReason: 'no ENI' });
    changeFunction('sweep', { State: 'Inactive' });
    Object.assign(here.account.parts.functions['Vsweep-sweep']?.eventInvoke ?? {}, {
      MaximumRetryAttempts: 2,
    });
    expect(await notGreen()).toEqual([
      'yellow function Vsweep-sweep: was idle for weeks, and is inactive: its next invocation fails and makes it active',
      'yellow function Vsweep-sweep: Lambda runs a failed event up to 2 times again; the stack sets 0',
      'red function Vsweep-collect-batch: its last update failed: no ENI',
      'red function Vsweep-poll: does not exist in this account and region',
    ]);
  });

  it('says that the configuration here is newer than the deployed one, or older', async () => {
    await here.write({ ...CONFIG, aws: { ...CONFIG.aws, split: 'target' } });
    const found = await here.ask();
    expect(found.of('function', 'Vsweep-sweep')).toEqual([
      expect.stringMatching(
        /^yellow: has another configuration than the one here, which was written here after the deployment of 2\d{3}-/,
      ),
    ]);
    expect(found.command('function')).toMatch(DEPLOY);
    const longAgo = new Date('2020-01-01');
    await utimes(join(here.folder, 'vsweep.yaml'), longAgo, longAgo);
    expect((await here.ask()).of('function', 'Vsweep-sweep')).toEqual([
      expect.stringMatching(
        /^yellow: has another configuration than the one here, which is older than the deployment of /,
      ),
    ]);
  });

  it('is green where only what no function reads differs: recipients and tags', async () => {
    await here.write({
      ...CONFIG,
      aws: { alarms: { emails: ['others@example.org'] }, tags: { team: 'storage' } },
    });
    expect(await notGreen()).toEqual([]);
  });

  it('says that a function has another version of vsweep, or does not say which', async () => {
    const { Description } = here.account.parts.functions['Vsweep-poll']?.configuration ?? {};
    changeFunction('poll', { Description: String(Description).replace(/ \S+, /, ' 0.0.1, ') });
    changeFunction('sweep', { Description: 'vsweep sweep' });
    expect(await notGreen()).toEqual([
      'yellow function Vsweep-sweep: does not say which version and configuration it has. A deployment makes it say so',
      expect.stringMatching(/^yellow function Vsweep-poll: has version 0\.0\.1 of vsweep; this is version /),
    ]);
  });

  it('names what the table lacks, and the command that adds it', async () => {
    const { name, described, timeToLive, backups } = tableOf();
    Object.assign((described?.['Table'] ?? {}) as object, {
      TableStatus: 'INACCESSIBLE_ENCRYPTION_CREDENTIALS',
      DeletionProtectionEnabled: false,
    });
    Object.assign(timeToLive ?? {}, { TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } });
    Object.assign(backups ?? {}, { ContinuousBackupsDescription: { ContinuousBackupsStatus: 'ENABLED' } });
    const found = await here.ask();
    expect(found.of('table')).toEqual([
      'red: cannot be used: it is INACCESSIBLE_ENCRYPTION_CREDENTIALS',
      'yellow: is not protected from being deleted, and holds what keeps accounts from being locked',
      'yellow: items do not expire (DISABLED): the table grows',
      'yellow: point-in-time recovery is off: a lost table forgets refusals and pinned host keys',
    ]);
    for (const { check, command } of found.lines)
      if (check === 'table' && command !== undefined) expect(command).toContain(`--table-name ${name} `);
  });

  it('says of a table that is gone that runs have no state', async () => {
    here.account.parts.tables = {};
    expect(await notGreen()).toEqual([
      'red table Vsweep: does not exist in this account and region: runs have no state',
    ]);
  });

  it('names a secret that lacks, is to be deleted, has no value, or is under a key that no function may use', async () => {
    const { secrets } = here.account.parts;
    delete secrets[SECRET];
    const found = await here.ask();
    expect(found.of('secret')).toEqual([
      `red: does not exist in ${WHERE}. Write it into secret.json, and delete that file afterwards`,
    ]);
    expect(found.command('secret')).toBe(
      `aws secretsmanager create-secret --name ${SECRET} --region eu-central-1 --secret-string file://secret.json`,
    );
    const current = { VersionIdsToStages: { a: ['AWSCURRENT'] } };
    const said = async (secret: object) => {
      secrets[SECRET] = { ...secret };
      return (await here.ask()).of('secret');
    };
    expect(await said({ ...current, DeletedDate: 1_795_000_000 })).toEqual([
      expect.stringMatching(/^red: is scheduled for deletion since 2026-/),
    ]);
    expect(await said({})).toEqual([expect.stringMatching(/^red: has no value yet/)]);
    expect(await said({ ...current, KmsKeyId: 'arn:aws:kms:eu-central-1:1:key/1' })).toEqual([
      expect.stringMatching(/^yellow: is encrypted with the key arn:.*, and aws\.kmsKeyArn names none/),
    ]);
    expect(await said({ ...current, KmsKeyId: 'alias/aws/secretsmanager' })).toEqual([
      'green: exists, and has a value',
    ]);
  });

  it('names a schedule that lacks, is disabled, has another interval, or is of no sweep here', async () => {
    const { schedules } = here.account.parts;
    const [services, slow] = Object.values(schedules);
    Object.assign(services ?? {}, { State: 'DISABLED' });
    Object.assign(slow ?? {}, { ScheduleExpression: 'rate(2 hours)' });
    const found = await here.ask();
    expect(found.of('schedules')).toEqual([
      expect.stringMatching(
        /^red: the schedule of sweep services is DISABLED\. Enable \S+ in EventBridge Scheduler$/,
      ),
      'yellow: sweep slow runs at rate(2 hours); the configuration here says every 3600 s',
    ]);
    Object.assign(services ?? {}, { State: 'ENABLED', Description: 'vsweep sweep older' });
    expect((await here.ask()).of('schedules')).toEqual([
      'red: sweep services has no schedule',
      'yellow: sweep slow runs at rate(2 hours); the configuration here says every 3600 s',
      'yellow: vsweep sweep older is scheduled, and is not in the configuration here',
    ]);
  });

  it('says that no run of a sweep ended, and shows the log; and that the last one failed', async () => {
    const { metrics } = here.account.parts;
    const [at = 0] = metrics['Runs slow']?.Timestamps ?? [];
    delete metrics['Runs services'];
    metrics['FailedRuns slow'] = { Timestamps: [at], Values: [1] };
    const found = await here.ask();
    expect(found.of('last run')).toEqual([
      'red: no run ended within 15 minutes',
      `yellow: its last run ended at ${new Date(at * 1_000).toISOString()}, and failed (metric FailedRuns)`,
    ]);
    expect(found.command('last run')).toMatch(/^aws logs tail Vsweep-\w+-log --since 15m$/);
    changeFunction('sweep', {
      LastModified: new Date(Date.now() - 60_000).toISOString().replace('Z', '+0000'),
    });
    expect((await here.ask()).of('last run', 'services')).toEqual([
      'yellow: no run ended within 15 minutes; the function was changed less than that ago',
    ]);
  });

  it('shows alarms that fire by their own words, and none of a stack whose name begins alike', async () => {
    const fires = (name: string) => here.account.parts.alarms.find(({ AlarmName }) => AlarmName === name);
    Object.assign(fires('Vsweep-missing-services') ?? {}, { StateValue: 'ALARM' });
    Object.assign(fires('Vsweep-host-keys-slow') ?? {}, { StateValue: 'ALARM' });
    Object.assign(fires('Vsweep-late-slow') ?? {}, { ActionsEnabled: false });
    here.account.parts.alarms = [
      ...here.account.parts.alarms,
      { AlarmName: 'Vsweep-lab-missing-services', StateValue: 'ALARM' },
    ];
    expect(await notGreen()).toEqual([
      expect.stringMatching(
        /^red alarms Vsweep: Vsweep-missing-services fires: vsweep: no run of services ended/,
      ),
      'yellow alarms Vsweep: Vsweep-late-slow notifies nobody: its actions are disabled',
      expect.stringMatching(
        /^yellow alarms Vsweep: Vsweep-host-keys-slow fires: vsweep: slow pinned ssh host keys/,
      ),
    ]);
  });

  it('counts the events of runs that failed, and shows how to read them', async () => {
    const [url = ''] = Object.keys(here.account.parts.queues);
    here.account.parts.queues[url] = { ApproximateNumberOfMessages: '3' };
    const found = await here.ask();
    expect(found.of('dead letters')).toEqual([
      'yellow: the queue of failed runs holds about 3 events of the last two weeks',
    ]);
    expect(found.command('dead letters')).toContain(`--queue-url ${url} --visibility-timeout 0`);
  });

  it.each([
    [10, 'yellow: the account has 10 unreserved executions at once, so at most 8 of 50 workers'],
    [2, 'yellow: the account has 2 unreserved executions at once, and none of them is left for a worker'],
    [1, 'yellow: the account has 1 unreserved executions at once, and 2 schedules begin together'],
  ])(
    'compares the %s executions that the account leaves with what the functions need',
    async (left, said) => {
      here.account.parts.accountLimit = { UnreservedConcurrentExecutions: left };
      expect((await here.ask()).of('concurrency')).toEqual([expect.stringContaining(said)]);
    },
  );

  it('is yellow where IAM denies a call, names its action, and looks at all else', async () => {
    await here.ask();
    const actions = new Set(here.account.asked.filter((one) => !OF_LOGINS.has(one)));
    for (const action of actions) {
      here.account.denied.clear();
      here.account.denied.add(action);
      const { aws } = await here.ask();
      const denied = `not checked: AWS denies ${action} to these credentials; docs/deploy.md has the policy of the doctor`;
      expect(aws.filter((line) => line.endsWith(denied)).length, action).toBeGreaterThan(0);
      const others = aws.filter((line) => !line.startsWith('green') && !line.endsWith(denied));
      expect(
        aws.filter((line) => line.startsWith('red')),
        action,
      ).toEqual([]);
      expect(
        others.every((line) => /^yellow .*: not checked: .* is not known, see the line "\w+"$/.test(line)),
        others.join(),
      ).toBe(true);
    }
  });

  it('has one yellow line where there are no credentials or no region', async () => {
    const nothing = { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' };
    const noCredentials = { ...nothing, AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
    expect((await here.ask(noCredentials)).aws).toEqual([
      expect.stringMatching(
        /^yellow aws Vsweep: not checked: .*\. Set AWS_REGION, and AWS_PROFILE or other AWS credentials$/,
      ),
    ]);
    expect((await here.ask({ ...nothing, AWS_REGION: '' })).aws).toEqual([
      expect.stringMatching(/^yellow aws Vsweep: not checked: Region .*\. Set AWS_REGION/),
    ]);
  });

  it('is red where the configuration names a region and the SDK has another one, and looks at nothing there', async () => {
    await here.write({
      ...CONFIG,
      aws: { ...CONFIG.aws, kmsKeyArn: 'arn:aws:kms:eu-north-1:123456789012:key/1' },
    });
    const found = await here.ask();
    expect(found.of('aws')).toEqual([
      'red: the region here is eu-central-1, but aws.kmsKeyArn is in eu-north-1, where the stack has to be',
    ]);
    expect(found.command('aws')).toBe('export AWS_REGION=eu-north-1');
    expect(found.lines.flatMap(({ command }) => command ?? []).join()).not.toMatch(
      /cdk deploy|create-secret/,
    );
  });

  it.each(['ExpiredTokenException', 'UnrecognizedClientException'])(
    'has one yellow line where AWS answers %s',
    async (name) => {
      here.account.faults.set('lambda:GetFunctionConfiguration', name);
      expect((await here.ask()).aws).toEqual([
        `yellow aws Vsweep: not checked: lambda:GetFunctionConfiguration: ${name}: of the test. Renew the AWS credentials`,
      ]);
    },
  );

  it('is yellow, and not red, where a call fails', async () => {
    here.account.faults.set('sqs:GetQueueAttributes', 'ThrottlingException');
    expect(await notGreen()).toEqual([
      'yellow dead letters Vsweep: not checked: sqs:GetQueueAttributes: ThrottlingException: of the test',
    ]);
  });

  it('names alarms that were deleted, and those without an action, and how to have them back', async () => {
    const [first, second] = here.account.parts.alarms;
    Object.assign(second ?? {}, { AlarmActions: [] });
    here.account.parts.alarms = here.account.parts.alarms.slice(1);
    const found = await here.ask();
    expect(found.of('alarms')).toEqual([
      expect.stringMatching(new RegExp(`^yellow: 1 of \\d+ were deleted: ${first?.['AlarmName']}$`)),
      `yellow: ${second?.['AlarmName']} notifies nobody: it has no action`,
    ]);
    expect(found.command('alarms')).toMatch(RESTORE);
  });

  it('looks at what the stack is made of also where its description is denied', async () => {
    here.account.denied.add('cloudformation:DescribeStacks');
    const found = await here.ask();
    expect(found.of('schedules')).toEqual(['green: all 2 schedules are enabled']);
    expect(found.of('dead letters')).toEqual(['green: the queue of failed runs is empty']);
  });
});

describe('vsweep doctor without a section aws', () => {
  it('asks AWS nothing', async () => {
    await using here = await deployHere();
    const { aws: _, ...onOneMachine } = CONFIG;
    await here.write({ ...onOneMachine, targets: [{ ...CONFIG.targets[0], credentials: { env: 'VC' } }] });
    expect((await here.ask()).aws).toEqual([]);
    expect(here.account.asked).toEqual([]);
  });
});

describe('vsweep doctor with a stack that has a task', () => {
  const WITH_TASK = {
    ...CONFIG,
    aws: {
      ...CONFIG.aws,
      task: true,
      network: { vpcId: 'new', endpoints: 'nat', egressCidrs: ['127.0.0.0/8'] },
    },
  };

  it('says that a task runs the sweeps, and misses none of the functions and schedules that it replaces', async () => {
    await using here = await deployHere(WITH_TASK);
    // Its template names no schedule, by which the account would know of runs.
    const { aws } = await here.ask();
    expect(aws.filter((line) => !line.includes(' last run ')).map((line) => line.split(':')[0])).toEqual([
      'green aws Vsweep',
      'green stack Vsweep',
      'green deployment Vsweep',
      'green task Vsweep',
      'green function Vsweep-poll',
      'green table Vsweep',
      'green table Vsweep',
      'green table Vsweep',
      `green secret ${SECRET}`,
      'green alarms Vsweep',
    ]);
    expect(aws.find((line) => line.includes(' task '))).toContain(
      'the stack has the service of a task that runs the sweeps. ECS is not asked whether it runs: the alarm Vsweep-task fires',
    );
    expect(aws.filter((line) => line.includes(' last run ')).join()).not.toContain('aws logs tail');
  });

  it('says that there is no task where the configuration asks for one that was not deployed', async () => {
    await using here = await deployHere();
    await here.write(WITH_TASK);
    const { aws } = await here.ask();
    expect(aws.filter((line) => line.includes(' task '))).toEqual([
      expect.stringMatching(/^red task Vsweep: the stack has no task that runs the sweeps/),
    ]);
  });
});
