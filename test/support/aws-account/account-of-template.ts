import type { AccountParts } from './account-parts.ts';

type Json = Readonly<Record<string, unknown>>;
interface Resource {
  readonly Type: string;
  readonly Properties: Json;
}

const REGION = 'eu-central-1';
const ACCOUNT = '123456789012';
const arn = (service: string, rest: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;

/** An account in which CloudFormation has made all of a template, and where every sweep has just run well. */
export function accountOfTemplate(
  template: { readonly Resources: Readonly<Record<string, Resource>> },
  { stack, now, secrets }: { stack: string; now: number; secrets: readonly string[] },
): AccountParts {
  const all = Object.entries(template.Resources);
  const ofType = (type: string) => all.filter(([, { Type }]) => Type === type);
  const idOf = (id: string): string => {
    const { Type, Properties = {} } = template.Resources[id] as Resource;
    switch (Type) {
      case 'AWS::Lambda::Function':
        return String(Properties['FunctionName']);
      case 'AWS::CloudWatch::Alarm':
        return String(Properties['AlarmName']);
      case 'AWS::SQS::Queue':
        return `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${stack}-${id}`;
      case 'AWS::SecretsManager::Secret':
        return arn('secretsmanager', `secret:${id}-AbCdEf`);
      default:
        return `${stack}-${id}`;
    }
  };
  /** What `Ref` and `Fn::GetAtt` of an ARN stand for. */
  const resolved = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolved);
    if (typeof value !== 'object' || value === null) return value;
    if ('Ref' in value)
      return template.Resources[String(value.Ref)] === undefined ? value : idOf(String(value.Ref));
    if ('Fn::GetAtt' in value) {
      const [id = ''] = value['Fn::GetAtt'] as string[];
      const name = idOf(id);
      const isQueue = template.Resources[id]?.Type === 'AWS::SQS::Queue';
      return isQueue ? arn('sqs', `${stack}-${id}`) : arn('lambda', `function:${name}`);
    }
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolved(one)]));
  };
  const seconds = Math.floor(now / 60_000) * 60 - 60;
  const sweeps = ofType('AWS::Scheduler::Schedule').map(
    ([, { Properties }]) => /^vsweep sweep (\S+)/.exec(String(Properties['Description']))?.[1],
  );
  const eventInvokes = new Map(
    ofType('AWS::Lambda::EventInvokeConfig').map(([, { Properties }]) => {
      const { FunctionName, MaximumRetryAttempts, DestinationConfig = {} } = resolved(Properties) as Json;
      return [FunctionName, { MaximumRetryAttempts, DestinationConfig }] as const;
    }),
  );
  return {
    stacks: {
      [stack]: {
        described: { StackName: stack, StackStatus: 'UPDATE_COMPLETE', CreationTime: '2026-11-01T00:00:00Z' },
        resources: all.map(([id, { Type }]) => ({
          LogicalResourceId: id,
          PhysicalResourceId: idOf(id),
          ResourceType: Type,
          LastUpdatedTimestamp: '2026-11-01T00:00:00Z',
          ResourceStatus: 'CREATE_COMPLETE',
        })),
      },
    },
    functions: Object.fromEntries(
      ofType('AWS::Lambda::Function').map(([id, { Properties }]) => {
        const { Description, Environment } = resolved(Properties) as Json;
        const configuration = {
          FunctionName: idOf(id),
          FunctionArn: arn('lambda', `function:${idOf(id)}`),
          Description,
          Environment,
          State: 'Active',
          LastUpdateStatus: 'Successful',
          LastModified: new Date(now - 24 * 3_600_000).toISOString().replace('Z', '+0000'),
          LoggingConfig: { LogFormat: 'Text', LogGroup: `${stack}-${id}-log` },
        };
        const eventInvoke = eventInvokes.get(idOf(id));
        return [idOf(id), { configuration, ...(eventInvoke === undefined ? {} : { eventInvoke }) }];
      }),
    ),
    accountLimit: { ConcurrentExecutions: 1_000, UnreservedConcurrentExecutions: 1_000 },
    tables: Object.fromEntries(
      ofType('AWS::DynamoDB::GlobalTable').map(([id, { Properties }]) => {
        const { KeySchema, TimeToLiveSpecification, Replicas } = Properties as {
          KeySchema: unknown;
          TimeToLiveSpecification: { AttributeName: string; Enabled: boolean };
          Replicas: {
            DeletionProtectionEnabled: boolean;
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: boolean };
          }[];
        };
        const [replica] = Replicas;
        const recovery = replica?.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled;
        const table = {
          described: {
            Table: {
              TableStatus: 'ACTIVE',
              KeySchema,
              DeletionProtectionEnabled: replica?.DeletionProtectionEnabled,
            },
          },
          timeToLive: {
            TimeToLiveDescription: {
              TimeToLiveStatus: TimeToLiveSpecification.Enabled ? 'ENABLED' : 'DISABLED',
              AttributeName: TimeToLiveSpecification.AttributeName,
            },
          },
          backups: {
            ContinuousBackupsDescription: {
              ContinuousBackupsStatus: 'ENABLED',
              PointInTimeRecoveryDescription: {
                PointInTimeRecoveryStatus: recovery ? 'ENABLED' : 'DISABLED',
              },
            },
          },
        };
        return [idOf(id), table];
      }),
    ),
    secrets: Object.fromEntries(
      [...secrets, ...ofType('AWS::SecretsManager::Secret').map(([id]) => idOf(id))].map((id) => [
        id,
        { Name: id, VersionIdsToStages: { '1234': ['AWSCURRENT'] } },
      ]),
    ),
    schedules: Object.fromEntries(
      ofType('AWS::Scheduler::Schedule').map(([id, { Properties }]) => {
        const { Description, ScheduleExpression, State = 'ENABLED', Target } = resolved(Properties) as Json;
        return [idOf(id), { Name: idOf(id), Description, ScheduleExpression, State, Target }];
      }),
    ),
    alarms: ofType('AWS::CloudWatch::Alarm').map(([id, { Properties }]) => ({
      AlarmName: idOf(id),
      AlarmDescription: Properties['AlarmDescription'],
      StateValue: 'OK',
      ActionsEnabled: true,
      AlarmActions: Properties['AlarmActions'] === undefined ? [] : [arn('sns', 'alarms')],
    })),
    metrics: Object.fromEntries(
      sweeps.flatMap((sweep) => [
        [`Runs ${sweep}`, { Timestamps: [seconds], Values: [1] }],
        [`FailedRuns ${sweep}`, { Timestamps: [seconds], Values: [0] }],
      ]),
    ),
    queues: Object.fromEntries(
      ofType('AWS::SQS::Queue').map(([id]) => [idOf(id), { ApproximateNumberOfMessages: '0' }]),
    ),
  };
}
