import type { IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { AwsConfig } from '../lib/config/aws.ts';
import type { ConfigIssue } from '../lib/config/errors.ts';

/** What an app has made or looked up, in place of what the section `aws` of a configuration names. */
export interface Given {
  /** In place of `aws.network.vpcId`, `subnets` and `routeTables`; the rest of `aws.network` stays in the file. */
  readonly vpc?: IVpc;
  /** Of `vpc`, where the functions stand. Default: what `vpc.selectSubnets()` gives, its private subnets. */
  readonly subnets?: SubnetSelection;
  /** In place of `aws.stateTable`: a table with the keys `pk` and `sk`, both texts, and the secret of its items. */
  readonly state?: { readonly table: { readonly tableName: string }; readonly integritySecret: ISecret };
  /** In place of `aws.alarms`. Its policy has to let CloudWatch publish. */
  readonly alarmTopic?: ITopic;
  /** In place of `aws.kmsKeyArn`: the key that encrypts the secrets which the configuration names. */
  readonly secretsKey?: IKey;
}

type Json = Readonly<Record<string, unknown>>;
type StandIn = readonly [path: string, value: unknown];

/**
 * What stands for a reference while the configuration is checked, and in the bundles, where nothing reads it: the rules
 * ask for ids, and references are known when the stack is deployed.
 */
const standIns = ({ vpc, state, alarmTopic, secretsKey }: Given, region: string): readonly StandIn[] => {
  const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:000000000000:${rest}`;
  const network: readonly StandIn[] = [
    ['network.vpcId', 'vpc-00000000'],
    ['network.subnets', ['subnet-00000000']],
    ['network.routeTables', ['rtb-00000000']],
  ];
  return [
    ...(vpc === undefined ? [] : network),
    ...(state === undefined
      ? []
      : ([
          ['stateTable.name', 'given'],
          ['stateTable.integritySecret', arn('secretsmanager', 'secret:given-000000')],
        ] as const)),
    ...(alarmTopic === undefined ? [] : [['alarms.topicArn', arn('sns', 'given')] as const]),
    ...(secretsKey === undefined ? [] : [['kmsKeyArn', arn('kms', 'key/given')] as const]),
  ];
};

/** The region of an ARN in the file: all have to be of one. */
const regionIn = (raw: Json): string =>
  /"arn:aws[a-z-]*:(?:secretsmanager|kms|sns|aps):([a-z0-9-]+):/.exec(JSON.stringify(raw))?.[1] ??
  'us-east-1';

const isSection = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The configuration with what is given in its places, and faults where it names the same itself. */
export function withStandIns(
  raw: Json,
  given: Given,
): { readonly raw: Json; readonly issues: ConfigIssue[] } {
  const aws = raw['aws'] ?? {};
  if (!isSection(aws)) return { raw, issues: [] };
  const issues: ConfigIssue[] = [];
  const filled: Record<string, unknown> = { ...aws };
  for (const [path, value] of standIns(given, regionIn(raw))) {
    const [name = '', key] = path.split('.');
    const section = filled[name] ?? {};
    const written = key === undefined ? aws[name] : isSection(aws[name]) ? aws[name][key] : undefined;
    if (written !== undefined) {
      issues.push({ path: `aws.${path}`, message: 'is given by the app, too; leave it out' });
    } else if (key === undefined) filled[name] = value;
    else if (isSection(section)) filled[name] = { ...section, [key]: value };
  }
  return Object.keys(filled).length === 0 ? { raw, issues } : { raw: { ...raw, aws: filled }, issues };
}

/** The checked section with the references in place of what stood for them. */
export function withReferences(aws: AwsConfig, given: Given): AwsConfig {
  const { vpc, subnets, state, alarmTopic, secretsKey } = given;
  const selected = vpc?.selectSubnets(subnets);
  const tables = selected?.subnets.map(({ routeTable }) => routeTable.routeTableId) ?? [];
  return {
    ...aws,
    ...(vpc === undefined || selected === undefined || aws.network === undefined
      ? {}
      : {
          network: {
            ...aws.network,
            vpcId: vpc.vpcId,
            subnets: selected.subnetIds.map((id) => ({ id, zone: undefined })),
            routeTables: [...new Set(tables)],
          },
        }),
    ...(state === undefined
      ? {}
      : { stateTable: { name: state.table.tableName, integritySecret: state.integritySecret.secretArn } }),
    ...(alarmTopic === undefined ? {} : { alarms: { ...aws.alarms, topicArn: alarmTopic.topicArn } }),
    ...(secretsKey === undefined ? {} : { kmsKeyArn: secretsKey.keyArn }),
  };
}
