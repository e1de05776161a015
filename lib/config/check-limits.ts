import type { AwsConfig } from './aws.ts';
import type { NetworkConfig } from './aws-network.ts';
import { type Caller, callersIn, hasNat } from './aws-services.ts';
import { targetsOfSweep } from './cross-checks.ts';
import { countByFamily, egressOf } from './egress.ts';
import type { Endpoints } from './endpoints.ts';
import type { ConfigIssue } from './errors.ts';
import { checkOwnCollecting } from './own-collecting.ts';
import type { Config } from './schema.ts';

type Limited = Endpoints & Pick<Config, 'sweeps' | 'aws'>;

/** Rules out of a security group, of each family of addresses: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html. */
export const MAX_RULES = 60;
/** Of a stack: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html. */
export const MAX_RESOURCES = 500;
/** What a stack has beside schedules and the alarms of sweeps, at most; a test compares it with a template. */
export const OTHER_RESOURCES = 130;
const ALARMS_OF_A_SWEEP = 8;
/** Of an alarm's name: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html. */
export const MAX_ALARM_NAME = 255;
/** Alarms are called `<stack>-<kind>-<sweep>`; a test compares this with the longest kind. */
export const LONGEST_KIND = 9;

/** What AWS refuses because it is too much or too large, with its number. */
export function checkLimits(config: Limited): ConfigIssue[] {
  const { aws } = config;
  if (aws === undefined) return [];
  return [
    ...checkResources(config, aws),
    ...checkNames(config, aws),
    ...checkOwnCollecting(aws),
    ...(aws.network === undefined ? [] : [...checkRules(config, aws), ...checkCidr(aws.network)]),
  ];
}

/** How many schedules and alarms of sweeps a stack has. */
export function growingResources({
  sweeps,
  targets,
  aws,
}: Pick<Limited, 'sweeps' | 'targets' | 'aws'>): number {
  const schedules =
    aws?.split === 'target'
      ? sweeps.reduce((sum, sweep) => sum + targetsOfSweep(sweep, { targets }).length, 0)
      : sweeps.length;
  return schedules + ALARMS_OF_A_SWEEP * sweeps.length;
}

function checkResources(config: Limited, aws: AwsConfig): ConfigIssue[] {
  const count = growingResources(config) + OTHER_RESOURCES;
  if (count <= MAX_RESOURCES) return [];
  const remedy =
    aws.split === 'target'
      ? 'write split: sweep, or deploy some of the targets as another stack (aws.stack)'
      : 'deploy some of the sweeps as another stack (aws.stack)';
  return [
    {
      path: aws.split === 'target' ? 'aws.split' : 'sweeps',
      message: `the stack would have up to ${count} resources, and CloudFormation takes ${MAX_RESOURCES}; ${remedy}`,
    },
  ];
}

function checkNames({ sweeps }: Limited, { stack }: AwsConfig): ConfigIssue[] {
  const most = MAX_ALARM_NAME - `${stack}--`.length - LONGEST_KIND;
  return sweeps.flatMap(({ name }, index) =>
    name.length <= most
      ? []
      : [
          {
            path: `sweeps[${index}].name`,
            message:
              `has ${name.length} characters, but with the name of the stack an alarm allows ${most} ` +
              `(${MAX_ALARM_NAME} in all); choose a shorter name`,
          },
        ],
  );
}

/** The rules that let out what stands in the VPC, by families of addresses. */
export function rulesOut(
  config: Limited,
  aws: AwsConfig,
): Partial<Record<Caller, ReturnType<typeof countByFamily>>> {
  const { network } = aws;
  if (network === undefined) return {};
  return Object.fromEntries(
    callersIn(aws).map((caller) => [caller, countByFamily(egressOf(caller, config, { ...aws, network }))]),
  );
}

function checkRules(config: Limited, aws: AwsConfig): ConfigIssue[] {
  return Object.entries(rulesOut(config, aws)).flatMap(([name, counts]) =>
    Object.entries(counts).flatMap(([family, count]) =>
      count <= MAX_RULES
        ? []
        : [
            {
              path: 'aws.network.egressCidrs',
              message:
                `with the ports of ${name} these are ${count} rules of ${family}, but a security group allows ` +
                `${MAX_RULES}; write fewer, wider ranges`,
            },
          ],
    ),
  );
}

/** A new VPC is cut into two subnets, or four with NAT. */
function checkCidr({ vpcId, cidr, ...ways }: NetworkConfig): ConfigIssue[] {
  if (vpcId !== 'new' || cidr === undefined) return [];
  const withNat = hasNat(ways);
  const longest = withNat ? 26 : 27;
  const bits = Number(cidr.split('/')[1]);
  if (!cidr.includes(':') && bits >= 16 && bits <= longest) return [];
  const message =
    `a new VPC needs an IPv4 range of /16 to /${longest}: it is cut into ${withNat ? 'four' : 'two'} ` +
    'subnets of at least 16 addresses; write one such as 10.90.0.0/24';
  return [{ path: 'aws.network.cidr', message }];
}
