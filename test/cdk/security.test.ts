import { join } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { type Statement, statementsOf } from './policies.ts';
import {
  EVERYTHING,
  EXAMPLE,
  type Properties,
  resourcesOf,
  synthesise,
  temporaryFolder,
} from './synthesise.ts';

const folder = temporaryFolder();
const FUNCTION_ROLES = ['SweepRole', 'CollectBatchRole', 'PollRole'];
/** Lambda and ECR name no resource for these. */
const WITHOUT_RESOURCE = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
  'ecr:GetAuthorizationToken',
];

interface PolicyStatement {
  readonly Effect: string;
  readonly Principal?: { readonly Service?: unknown };
  readonly Condition?: unknown;
}
const statementsIn = (document: unknown) => (document as { Statement: PolicyStatement[] }).Statement;
const refusesPlainHttp = (policy: Properties) =>
  statementsIn(policy['PolicyDocument']).some(
    ({ Effect, Condition }) =>
      Effect === 'Deny' && JSON.stringify(Condition) === '{"Bool":{"aws:SecureTransport":"false"}}',
  );
const everyStatement = (template: Template): Statement[] =>
  Object.keys(resourcesOf(template, 'AWS::IAM::Policy')).flatMap((id) => statementsOf(template, id));

describe.each([
  ['the example', EXAMPLE],
  ['a VPC with all that the stack can add', EVERYTHING],
])('what a reviewer looks for: %s', (name, file) => {
  const template = synthesise(file, join(folder, name.replaceAll(' ', '-')));
  const statements = everyStatement(template);

  it('no action is a pattern, and all resources are meant only where AWS has none to name', () => {
    expect(statements.flatMap(({ actions }) => actions).filter((action) => action.includes('*'))).toEqual([]);
    const wide = statements.filter(({ resources }) => resources.some((resource) => resource.includes('*')));
    expect(wide.flatMap(({ resources }) => resources).filter((resource) => resource !== '*')).toEqual([]);
    const actions = wide.flatMap((one) => one.actions);
    expect(actions.filter((action) => !WITHOUT_RESOURCE.includes(action))).toEqual([]);
  });

  it('the table is touched by requests only that name a key: the condition holds for one without any', () => {
    const actions = statements.flatMap((one) => one.actions).filter((one) => one.startsWith('dynamodb:'));
    expect(new Set(actions)).toEqual(
      new Set(
        ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'].map(
          (action) => `dynamodb:${action}`,
        ),
      ),
    );
  });

  it('roles are for one service each, and the schedules for this account', () => {
    for (const [id, role] of Object.entries(resourcesOf(template, 'AWS::IAM::Role'))) {
      const trusted = statementsIn(role['AssumeRolePolicyDocument']);
      expect(trusted, id).toHaveLength(1);
      expect(Object.keys(trusted[0]?.Principal ?? {}), id).toEqual(['Service']);
      if (id.startsWith('Schedules')) {
        expect(trusted[0]?.Condition).toEqual({
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
        });
      }
    }
  });

  it('queue and topic take nothing that is not encrypted on its way, and the queue keeps it so', () => {
    const count = (type: string) => Object.keys(resourcesOf(template, type)).length;
    for (const [type, policyType] of [
      ['AWS::SQS::Queue', 'AWS::SQS::QueuePolicy'],
      ['AWS::SNS::Topic', 'AWS::SNS::TopicPolicy'],
    ] as const) {
      const policies = Object.values(resourcesOf(template, policyType));
      expect(policies, type).toHaveLength(count(type));
      expect(policies.map(refusesPlainHttp), type).toEqual([true]);
    }
    expect(Object.values(resourcesOf(template, 'AWS::SQS::Queue'))).toMatchObject([
      { SqsManagedSseEnabled: true, MessageRetentionPeriod: 14 * 86_400 },
    ]);
  });

  it('every log is forgotten after a month, and nobody sends traces', () => {
    for (const group of Object.values(resourcesOf(template, 'AWS::Logs::LogGroup'))) {
      expect(group['RetentionInDays']).toBe(30);
    }
    for (const lambda of Object.values(resourcesOf(template, 'AWS::Lambda::Function'))) {
      expect(lambda['TracingConfig']).toBeUndefined();
    }
  });
});

describe('the rights to network interfaces', () => {
  const inVpc = synthesise(EVERYTHING, join(folder, 'in-vpc'));
  const onInterfaces = (template: Template, role: string) =>
    statementsOf(template, role).filter(({ actions }) => actions.some((action) => action.startsWith('ec2:')));

  it.each([
    ['SweepRole', 'sweep'],
    ['CollectBatchRole', 'collect-batch'],
    ['PollRole', 'poll'],
  ])('are for Lambda, and denied to the code of the function: %s', (role, name) => {
    const [allowed, denied, ...more] = onInterfaces(inVpc, role);
    expect(more).toEqual([]);
    expect([allowed?.effect, denied?.effect]).toEqual(['Allow', 'Deny']);
    expect(denied?.actions).toEqual(allowed?.actions);
    const condition = JSON.stringify(denied?.condition);
    expect(condition).toContain('{"ArnEquals":{"lambda:SourceFunctionArn":');
    expect(condition).toContain(`:function:Vsweep-${name}"`);
  });

  it('are given to nobody without a VPC', () => {
    const template = synthesise(EXAMPLE, join(folder, 'without'));
    for (const role of FUNCTION_ROLES) expect(onInterfaces(template, role)).toEqual([]);
  });
});
