import { isIP } from 'node:net';
import type { AwsConfig, NetworkConfig } from './aws.ts';
import { targetsOfSweep } from './cross-checks.ts';
import type { ConfigIssue } from './errors.ts';
import { networkPorts } from './network-ports.ts';
import type { Config } from './schema.ts';

type Limited = Pick<Config, 'targets' | 'esxi' | 'netbox' | 'push' | 'sweeps' | 'aws'>;

/** Rules out of a security group, of one family of addresses: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html. */
export const MAX_RULES = 60;
/** Of a stack: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html. */
export const MAX_RESOURCES = 500;
/** What a stack has beside schedules and the alarms of sweeps, at most; a test compares it with a template. */
export const OTHER_RESOURCES = 130;
const ALARMS_OF_A_SWEEP = 8;

/** What AWS refuses because it is too much, too large or of the wrong family, with its number. */
export function checkLimits(config: Limited): ConfigIssue[] {
  const { aws } = config;
  if (aws === undefined) return [];
  return [
    ...checkResources(config, aws),
    ...(aws.network === undefined ? [] : [...checkRules(config, aws), ...checkAddresses(aws.network)]),
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

/** How many rules let a function out, by IPv4 and by what AWS counts with it. */
export function rulesOut(
  config: Limited,
  aws: AwsConfig,
): Record<'sweep' | 'collect-batch' | 'poll', number> {
  const { network, pushgateway } = aws;
  const ports = networkPorts(config);
  const count = (name: keyof typeof ports) => {
    if (network === undefined) return 0;
    const { egressCidrs, endpoints, dynamodbPrefixList } = network;
    const reached = new Set([...ports[name], ...(endpoints === 'existing' ? [443] : [])]);
    const interfaces = endpoints === 'create' ? (name === 'sweep' ? 2 : 1) : 0;
    return (
      new Set(egressCidrs).size * reached.size +
      (endpoints === 'nat' ? 1 : 0) +
      (dynamodbPrefixList === undefined ? 0 : 1) +
      interfaces +
      (name === 'sweep' && pushgateway?.deploy === true ? 1 : 0)
    );
  };
  return { sweep: count('sweep'), 'collect-batch': count('collect-batch'), poll: count('poll') };
}

function checkRules(config: Limited, aws: AwsConfig): ConfigIssue[] {
  return Object.entries(rulesOut(config, aws)).flatMap(([name, count]) =>
    count <= MAX_RULES
      ? []
      : [
          {
            path: 'aws.network.egressCidrs',
            message:
              `with the ports that ${name} connects to these are ${count} rules, and a security group takes ` +
              `${MAX_RULES}; write fewer, wider ranges`,
          },
        ],
  );
}

/** A function in a VPC has no address of IPv6; a new VPC is cut into two subnets, or four with NAT. */
function checkAddresses({ vpcId, cidr, egressCidrs, endpoints }: NetworkConfig): ConfigIssue[] {
  const isIpv6 = (range: string) => isIP(range.split('/')[0] ?? '') === 6;
  const ipv6 = egressCidrs.flatMap((range, index) =>
    isIpv6(range)
      ? [
          {
            path: `aws.network.egressCidrs[${index}]`,
            message:
              'is a range of IPv6, and functions in a VPC have IPv4 addresses only; name the IPv4 range',
          },
        ]
      : [],
  );
  if (vpcId !== 'new' || cidr === undefined) return ipv6;
  const longest = endpoints === 'nat' ? 26 : 27;
  const bits = Number(cidr.split('/')[1]);
  if (!isIpv6(cidr) && bits >= 16 && bits <= longest) return ipv6;
  const message =
    `a new VPC takes an IPv4 range of /16 to /${longest}: it is cut into ${endpoints === 'nat' ? 'four' : 'two'} ` +
    'subnets of at least 16 addresses; write one such as 10.90.0.0/24';
  return [...ipv6, { path: 'aws.network.cidr', message }];
}
