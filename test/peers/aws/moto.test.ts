import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ENV } from '../../../lib/config/env.ts';
import { TEST_ACCOUNT } from '../../support/lambda/aws-environment.ts';
import { type DemoEstate, demoSecrets, startDemoEstate } from '../../support/lambda/demo-estate.ts';
import { healthyHosts } from '../../support/lambda/demo-hosts.ts';
import { targetOf } from '../../support/lambda/reply.ts';
import { type Deployed, type Moto, resourcesForMoto, startMoto } from '../../support/peers/moto.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { type Resource, synthesiseTemplate } from '../../support/peers/synthesised-template.ts';

const TARGET = 'vc01.example.org';
/**
 * What moto's CloudFormation has no model of, and is made through the API of its service instead; a new
 * type of the template alone may make it longer.
 */
const NOT_BY_CLOUDFORMATION = [
  'AWS::CloudWatch::Alarm',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::SNS::Subscription',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::Scheduler::Schedule',
  'AWS::SecretsManager::Secret',
];

describeWithPeers(['moto'], 'AWS as moto has it', () => {
  let moto: Moto;
  let deployed: Deployed;
  let estate: DemoEstate | undefined;
  let resources: Record<string, Resource>;

  beforeAll(async () => {
    await using synthesised = await synthesiseTemplate('vsweep.yaml');
    resources = resourcesForMoto(synthesised.template);
    moto = await startMoto();
    deployed = await moto.deploy(synthesised.template);
  });
  afterAll(async () => {
    await estate?.[Symbol.asyncDispose]();
    await moto?.[Symbol.asyncDispose]();
  });

  it('makes of the template by CloudFormation all but the types that it does not know', () => {
    expect(deployed.status).toBe('CREATE_COMPLETE');
    const wanted = Object.values(resources).map(({ Type }) => Type);
    expect([...new Set(wanted)].filter((type) => deployed.resources[type] === undefined).sort()).toEqual(
      NOT_BY_CLOUDFORMATION,
    );
    for (const [type, count] of Object.entries(deployed.resources)) {
      expect({ type, count }).toEqual({ type, count: wanted.filter((one) => one === type).length });
    }
  });

  it('takes all others from their services, and has them as the template says', () => {
    const { byService } = deployed;
    const others = Object.entries(resources).filter(([, { Type }]) => NOT_BY_CLOUDFORMATION.includes(Type));
    expect(Object.keys(byService).sort()).toEqual(others.map(([id]) => id).sort());
    expect(new Set(Object.values(byService).map(({ type }) => type))).toEqual(new Set(NOT_BY_CLOUDFORMATION));
    for (const [id, { wanted, told }] of Object.entries(byService)) expect(told, id).toMatchObject(wanted);
  });

  it('has what belongs together by one name, wherever it is named', () => {
    const made = (type: string) => Object.values(deployed.byService).filter((one) => one.type === type);
    const queue = 'arn:aws:sqs:eu-central-1:123456789012:';
    const schedules = made('AWS::Scheduler::Schedule').map(({ told }) => told['Target']);
    expect(schedules).toHaveLength(2);
    for (const target of schedules) {
      expect(target).toMatchObject({
        Arn: expect.stringMatching(/^arn:aws:lambda:eu-central-1:\d{12}:function:Vsweep-sweep$/),
        RoleArn: expect.stringMatching(/^arn:aws:iam::\d{12}:role\//),
        DeadLetterConfig: { Arn: expect.stringContaining(queue) },
      });
    }
    const topics = made('AWS::CloudWatch::Alarm').map(({ told }) => JSON.stringify(told['AlarmActions']));
    const [policy] = made('AWS::SNS::TopicPolicy');
    expect(new Set(topics)).toEqual(new Set([JSON.stringify(policy?.told['Topics'])]));
  });

  it('holds state and secrets of the bundles in a run, in the table that CloudFormation made', async () => {
    const { url } = moto;
    const env = {
      [ENV.table]: deployed.table ?? '',
      [ENV.integritySecret]: deployed.integritySecret ?? '',
      AWS_ENDPOINT_URL_DYNAMODB: url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
    };
    const client = new SecretsManagerClient({ endpoint: url, ...TEST_ACCOUNT });
    for (const [Name, value] of Object.entries(demoSecrets([TARGET]))) {
      await client.send(new CreateSecretCommand({ Name, SecretString: JSON.stringify(value) }));
    }
    client.destroy();
    estate = await startDemoEstate({
      targets: { [TARGET]: healthyHosts(3, { network: 31 }) },
      sweep: { env },
      worker: { env },
    });
    for (const _run of ['with a new credential', 'with a proven one']) {
      expect(targetOf(await estate.sweepNext(), TARGET)).toMatchObject({
        listing: 'fresh',
        deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
        problems: [],
        paths: { vcenter: { hosts: 3, ok: 3 }, ssh: { hosts: 3, ok: 3 } },
      });
    }
    // Not in the simulated ones that other tests use.
    expect(estate.aws.secrets.reads).toEqual([]);
    expect(await estate.aws.dynamodb.items()).toEqual([]);
  });
});
