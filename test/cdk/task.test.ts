import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { readDeployment } from '../../cdk/read-deployment.ts';
import { tableRightsOf } from '../../cdk/table-rights.ts';
import { VsweepStack } from '../../cdk/vsweep-stack.ts';
import { ENV } from '../../lib/config/env.ts';
import { type Statement, statementsOf } from './policies.ts';
import {
  type Properties,
  resourceOf,
  resourcesOf,
  synthesise,
  temporaryFolder,
  withAlarms,
  writeConfig,
} from './synthesise.ts';

const folder = temporaryFolder();
const NETWORK =
  'network: { vpcId: new, dynamodbPrefixList: pl-0123456789abcdef0, s3PrefixList: pl-0123456789abcdef1, egressCidrs: [10.0.0.0/8] }';
const configOf = (aws: string) =>
  writeConfig(
    folder,
    withAlarms(`targets: [{ name: vc01, credentials: { secret: vsweep/vc01 } }]
esxi: { credentials: { secret: vsweep/esxi }, hostKeys: { unknown: trust-first } }
netbox: { url: "https://netbox.example.org", token: { secret: vsweep/netbox } }
push: { url: "https://push.example.org:9091" }
sweeps: [{ name: services, every: 1m, collectors: [overall-status, ssh-services] }]
aws: { ${NETWORK}, ${aws} }`),
  );
const templateOf = (name: string, aws = 'task: true') => synthesise(configOf(aws), join(folder, name));
const template = templateOf('task');
const functions = templateOf('functions', 'task: false');
const containerOf = (from: Template) => {
  const [container] = resourceOf(from, 'AWS::ECS::TaskDefinition', 'Task')['ContainerDefinitions'] as [
    Properties,
  ];
  return container;
};
const alarmsOf = (from: Template) =>
  Object.values(resourcesOf(from, 'AWS::CloudWatch::Alarm')).map(({ AlarmName }) => String(AlarmName));
const actionsOf = (role: string) => statementsOf(template, role).flatMap(({ actions }) => actions);

/** The keys by action, all of them, each once. */
const granted = (rights: readonly { actions: readonly string[]; keys: readonly string[] }[]) => {
  const pairs = rights.flatMap(({ actions, keys }) =>
    actions.flatMap((action) => keys.map((key) => `${action} ${key}`)),
  );
  return [...new Set(pairs)].sort();
};
const onTable = (statements: readonly Statement[]) =>
  statements
    .filter(({ actions }) => actions.some((one) => one.startsWith('dynamodb:')))
    .map(({ effect, actions, condition }) => {
      // No other condition beside it.
      expect([effect, Object.keys(condition as object)]).toEqual(['Allow', ['ForAllValues:StringLike']]);
      const { 'dynamodb:LeadingKeys': keys } = Object.values(condition as object)[0];
      return { actions: actions.map((one) => one.replace('dynamodb:', '')), keys: [keys].flat() as string[] };
    });

describe('a stack with a task', () => {
  it('has neither schedules nor the functions that sweep, nor their queue; polls are answered as ever', () => {
    const names = Object.values(resourcesOf(template, 'AWS::Lambda::Function')).map(
      (one) => one['FunctionName'],
    );
    expect(names).toEqual(['Vsweep-poll']);
    for (const type of ['AWS::Scheduler::Schedule', 'AWS::SQS::Queue'])
      expect(resourcesOf(template, type)).toEqual({});
    expect(resourcesOf(functions, 'AWS::ECS::Service')).toEqual({});
  });

  it('keeps the logical ids of what outlives a change from functions to a task, and back', () => {
    for (const type of ['AWS::DynamoDB::GlobalTable', 'AWS::SecretsManager::Secret', 'AWS::SNS::Topic'])
      expect(Object.keys(resourcesOf(template, type))).toEqual(Object.keys(resourcesOf(functions, type)));
  });

  it('runs one task, never two at once, and lets ECS judge a deployment by the health of its task', () => {
    expect(resourceOf(template, 'AWS::ECS::Service', 'TaskService')).toMatchObject({
      DesiredCount: 1,
      LaunchType: 'FARGATE',
      DeploymentConfiguration: {
        MinimumHealthyPercent: 0,
        MaximumPercent: 100,
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      },
    });
    expect(containerOf(template)['HealthCheck']).toMatchObject({ Interval: 20, Retries: 5, StartPeriod: 60 });
  });

  it('gives the task no public address, and the security group that lets out to what its work needs', () => {
    const { NetworkConfiguration: network } = resourceOf(template, 'AWS::ECS::Service', 'TaskService');
    const [group = ''] = Object.keys(resourcesOf(template, 'AWS::EC2::SecurityGroup')).filter((id) =>
      id.startsWith('NetworktaskGroup'),
    );
    expect(network).toMatchObject({
      AwsvpcConfiguration: {
        AssignPublicIp: 'DISABLED',
        SecurityGroups: [{ 'Fn::GetAtt': [group, 'GroupId'] }],
      },
    });
    const { SecurityGroupEgress: out } = resourceOf(template, 'AWS::EC2::SecurityGroup', 'NetworktaskGroup');
    const ports = (out as { CidrIp?: string; FromPort: number }[]).flatMap(({ CidrIp, FromPort }) =>
      CidrIp === '10.0.0.0/8' ? [FromPort] : [],
    );
    expect(ports.sort((one, other) => one - other)).toEqual([22, 443, 9_091]);
    expect(Object.keys(resourcesOf(template, 'AWS::EC2::SecurityGroup')).join()).not.toMatch(
      /sweepGroup|collect-?batchGroup/,
    );
  });

  it('reaches ECR, its log, the table and the secrets by endpoints, and makes none of Lambda, which nobody calls', () => {
    const endpoints = JSON.stringify(
      Object.values(resourcesOf(template, 'AWS::EC2::VPCEndpoint')).map(({ ServiceName }) => ServiceName),
    );
    for (const service of ['ecr.api', 'ecr.dkr', 's3', 'logs', 'dynamodb', 'secretsmanager'])
      expect(endpoints).toContain(`.${service}"`);
    expect(endpoints).not.toContain('.lambda"');
  });

  it('is on arm64, a quarter of a core and 512 MB, and larger when that is written', () => {
    expect(resourceOf(template, 'AWS::ECS::TaskDefinition', 'Task')).toMatchObject({
      Cpu: '256',
      Memory: '512',
      RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
    });
    const larger = templateOf('larger', 'task: true, taskSize: { vcpu: 1, memoryMb: 3072 }');
    expect(resourceOf(larger, 'AWS::ECS::TaskDefinition', 'Task')).toMatchObject({
      Cpu: '1024',
      Memory: '3072',
    });
    expect(containerOf(larger)['Environment']).toContainEqual({ Name: ENV.taskMemory, Value: '3072' });
  });

  it('runs as nobody on a root that it cannot write, has 30 s to stop, and a log that cannot hold it up', () => {
    expect(containerOf(template)).toMatchObject({
      User: '65532:65532',
      ReadonlyRootFilesystem: true,
      StopTimeout: 30,
      LogConfiguration: { LogDriver: 'awslogs', Options: { mode: 'non-blocking' } },
    });
    expect(containerOf(template)).not.toHaveProperty('Privileged');
    expect(containerOf(template)).not.toHaveProperty('PortMappings');
    expect(resourceOf(template, 'AWS::Logs::LogGroup', 'TaskLog')).toMatchObject({ RetentionInDays: 30 });
  });

  it('gets the variables that it reads, and no secret', () => {
    const names = (containerOf(template)['Environment'] as { Name: string }[]).map(({ Name }) => Name);
    const { table, stack, integritySecret, taskRoot, taskMemory, taskHealthPort } = ENV;
    expect(names.sort()).toEqual(
      ['AWS_REGION', table, stack, integritySecret, taskRoot, taskMemory, taskHealthPort].sort(),
    );
    expect(containerOf(template)).not.toHaveProperty('Secrets');
  });

  it('has the rights of sweep and worker together on table and secrets, and none that the code does not use', () => {
    const esxi = { hostKeys: { unknown: 'trust-first' as const } };
    const rights = statementsOf(template, 'TaskRole');
    const both = (['sweep', 'collect-batch'] as const).flatMap((name) => tableRightsOf(name, { esxi }));
    expect(granted(onTable(rights))).toEqual(granted(both));
    for (const { resources } of rights.filter(({ actions }) => actions.join().includes('dynamodb:')))
      expect(resources).toEqual(Object.keys(resourcesOf(template, 'AWS::DynamoDB::GlobalTable')));
    const kinds = new Set(actionsOf('TaskRole').map((one) => one.split(':')[0]));
    expect([...kinds].sort()).toEqual(['dynamodb', 'secretsmanager']);
    const secrets = rights
      .filter(({ actions }) => actions.includes('secretsmanager:GetSecretValue'))
      .flatMap(({ resources }) => resources);
    expect(secrets.map((one) => one.replace(/^.*:secret:/, '')).sort()).toEqual(
      [
        'vsweep/vc01-??????',
        'vsweep/esxi-??????',
        'vsweep/netbox-??????',
        `<${Object.keys(resourcesOf(template, 'AWS::SecretsManager::Secret'))[0]}>`,
      ].sort(),
    );
  });

  it('lets ECS start it with a role of its own, which gets the image and writes the log, and reads no secret', () => {
    const kinds = new Set(actionsOf('TaskExecutionRole').map((one) => one.split(':')[0]));
    expect([...kinds].sort()).toEqual(['ecr', 'logs']);
  });

  it('has the alarms on runs, one where no task runs, and none of functions or schedules that are not there', () => {
    const kept = alarmsOf(functions).filter(
      (name) =>
        !/-(?:late-services|dead-letters|throttles-(?:sweep|collect-batch)|errors-collect-batch)$/.test(name),
    );
    expect(alarmsOf(template).sort()).toEqual([...kept, 'Vsweep-task'].sort());
    const descriptions = Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm'))
      .map(({ AlarmDescription }) => String(AlarmDescription))
      .join('\n');
    expect(descriptions).not.toMatch(/vsweep invoke sweep|sweep function|queue of failed runs|collect-batch/);
    const alarm = Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm')).find(
      ({ AlarmName }) => AlarmName === 'Vsweep-task',
    );
    expect(alarm).toMatchObject({
      Namespace: 'ECS/ContainerInsights',
      MetricName: 'RunningTaskCount',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      TreatMissingData: 'breaching',
    });
    expect(resourceOf(template, 'AWS::ECS::Cluster', 'TaskCluster')['ClusterSettings']).toEqual([
      { Name: 'containerInsights', Value: 'enabled' },
    ]);
  });

  it('tells operators where its task is', () => {
    expect(Object.keys(template.toJSON()['Outputs'])).toEqual(
      expect.arrayContaining([
        'TaskCluster',
        'TaskService',
        'TaskLogGroup',
        'TaskRoleArn',
        'TaskSecurityGroup',
      ]),
    );
    expect(Object.keys(template.toJSON()['Outputs']).join()).not.toMatch(/Sweep|CollectBatch|FailedRuns/);
  });

  it('lets its task and nobody else push to a Pushgateway of the stack', () => {
    const image = '111122223333.dkr.ecr.eu-central-1.amazonaws.com/pushgateway:v1.11.3';
    const file = writeConfig(
      folder,
      withAlarms(`targets: [{ name: vc01, credentials: { secret: vsweep/vc01 } }]
sweeps: [{ name: services, every: 1m, collectors: [overall-status] }]
aws: { ${NETWORK}, task: true, pushgateway: { deploy: true, image: "${image}", prometheusCidrs: [10.1.0.0/16] } }`),
    );
    const rules = Object.values(
      resourcesOf(synthesise(file, join(folder, 'pushgateway')), 'AWS::EC2::SecurityGroupIngress'),
    ).filter(({ Description }) => Description === 'pushes');
    expect(rules).toHaveLength(1);
    expect(JSON.stringify(rules[0]?.['SourceSecurityGroupId'])).toContain('NetworktaskGroup');
  });
});

describe('the image of the task', () => {
  it('is made of a base by its digest, the bundle and the configuration, without a command that runs while it is built', () => {
    const outdir = join(folder, 'image');
    const app = new App({ outdir });
    const deployment = readDeployment(configOf('task: true'));
    new VsweepStack(app, 'Vsweep', { deployment });
    app.synth();
    const [image = ''] = readdirSync(outdir).filter((name) =>
      readdirSync(outdir, { withFileTypes: true })
        .filter((one) => one.isDirectory() && one.name === name)
        .some((one) => readdirSync(join(outdir, one.name)).includes('Dockerfile')),
    );
    const text = readFileSync(join(outdir, image, 'Dockerfile'), 'utf8');
    expect(text).toMatch(/^FROM \S+@sha256:[0-9a-f]{64}$/m);
    expect(text).toMatch(/^ENV PATH=\/nodejs\/bin:/m);
    expect(text).toMatch(/^USER 65532:65532$/m);
    // A umask of 077 leaves no right to others.
    expect(text).toMatch(/^COPY --chown=65532:65532 app \/opt\/vsweep$/m);
    expect(text).not.toMatch(/^(?:RUN|ADD|ARG) /m);
    expect(readdirSync(join(outdir, image, 'app')).sort()).toEqual([
      'config.json',
      'index.js',
      'index.js.map',
    ]);
    expect(readFileSync(join(outdir, image, 'app/config.json'), 'utf8')).toBe(deployment.bundledConfig);
    const assets = JSON.parse(readFileSync(join(outdir, 'Vsweep.assets.json'), 'utf8'));
    const images = Object.values(assets.dockerImages as Record<string, { source: object }>);
    expect(images).toMatchObject([{ source: { directory: image, platform: 'linux/arm64' } }]);
  });
});
