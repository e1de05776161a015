import { BlockList, isIP } from 'node:net';
import type { AwsConfig } from './aws.ts';
import type { NetworkConfig } from './aws-network.ts';
import {
  type AwsServiceName,
  type Caller,
  choiceOf,
  type EndpointChoice,
  hasNat,
  isGateway,
  neededServices,
  type Parts,
  partsOf,
} from './aws-services.ts';
import { egressOf, type Peer } from './egress.ts';
import { type Endpoints, endpointsOf } from './endpoints.ts';
import type { ConfigIssue } from './errors.ts';
import { portOf } from './network-ports.ts';
import type { Config } from './schema.ts';

type Reaching = Endpoints;
type Fault = readonly [isFault: boolean, key: string, message: string];

/** What a network may not be, as far as the configuration tells. `cdk/check-vpc.ts` asks AWS about the rest. */
export function checkNetwork(config: Reaching & Pick<Config, 'aws'>): ConfigIssue[] {
  const { aws } = config;
  if (aws?.network === undefined) return [];
  const { network } = aws;
  const faults = [
    ...placeFaults(network),
    ...routeFaults(network, partsOf(aws, config)),
    ...zoneFaults(network, partsOf(aws, config)),
    ...familyFaults(network),
  ];
  return [
    ...faults.flatMap(([isFault, key, message]) =>
      isFault ? [{ path: `aws.network.${key}`, message }] : [],
    ),
    ...addressIssues(config, { ...aws, network }),
  ];
}

function placeFaults({ vpcId, cidr, subnets, routeTables }: NetworkConfig): Fault[] {
  const isNew = vpcId === 'new';
  return [
    [!isNew && subnets === undefined, 'subnets', 'is missing; name the subnets of the VPC for the functions'],
    [!isNew && cidr !== undefined, 'cidr', 'is only for vpcId: new; leave it out'],
    [isNew && subnets !== undefined, 'subnets', 'belongs to an existing VPC; leave it out'],
    [isNew && routeTables !== undefined, 'routeTables', 'belongs to an existing VPC; leave it out'],
  ];
}

/** A way to each service that somebody calls, and what it takes to make it or to be let out to it. */
function routeFaults(network: NetworkConfig, parts: Parts): Fault[] {
  const { vpcId, endpoints, endpointCidrs, routeTables, dynamodbPrefixList, s3PrefixList } = network;
  const needed = neededServices(parts);
  const reached = (...choices: EndpointChoice[]) =>
    needed.filter((service) => choices.includes(choiceOf(service, network)));
  // Said at the one word for all, or at each service.
  const places = (services: readonly AwsServiceName[]) =>
    typeof endpoints === 'string'
      ? services.slice(0, 1).map(() => 'endpoints')
      : services.map((service) => `endpoints.${service}`);
  const faultAt = (services: readonly AwsServiceName[], message: string): Fault[] =>
    places(services).map((key) => [true, key, message]);
  // An existing one may be an interface endpoint, where its ranges say so.
  const isGatewayThere = vpcId !== 'new' && endpointCidrs === undefined;
  const byPrefixList = [...reached('create'), ...(isGatewayThere ? reached('existing') : [])];
  return [
    ...(vpcId === 'new'
      ? faultAt(reached('existing'), 'a new VPC has no endpoints; write create or none')
      : []),
    ...(hasNat(network) ? [] : faultAt(reached('none'), NO_ROUTE)),
    [
      vpcId !== 'new' && reached('create').some(isGateway) && routeTables === undefined,
      'routeTables',
      'is missing; name the route tables of the subnets, for the gateway endpoints that the stack makes, or write endpoints: existing',
    ],
    [
      byPrefixList.includes('dynamodb') && dynamodbPrefixList === undefined,
      'dynamodbPrefixList',
      `is missing; ${prefixListOf('dynamodb')}`,
    ],
    [
      byPrefixList.includes('s3') && s3PrefixList === undefined,
      's3PrefixList',
      `is missing; ${prefixListOf('s3')}`,
    ],
    [
      endpointCidrs !== undefined && reached('existing').length === 0,
      'endpointCidrs',
      'has no effect without endpoints: existing; leave it out',
    ],
  ];
}

const NO_ROUTE =
  'is none, which needs a NAT gateway: write nat: true if the subnets have a route to one (a new VPC gets one), or ' +
  'write create or existing';

const prefixListOf = (service: string) =>
  `write what this prints: aws ec2 describe-managed-prefix-lists --filters Name=prefix-list-name,Values=com.amazonaws.<region>.${service} --query "PrefixLists[].PrefixListId"`;

/** An interface endpoint takes one subnet a zone (https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html). */
function zoneFaults(network: NetworkConfig, parts: Parts): Fault[] {
  const makesInterface = neededServices(parts).some(
    (service) => !isGateway(service) && choiceOf(service, network) === 'create',
  );
  if (!makesInterface) return [];
  const first = new Map<string, string>();
  return (network.subnets ?? []).flatMap(({ id, zone }, index): Fault[] => {
    const other = zone === undefined ? undefined : first.get(zone);
    if (zone !== undefined && other === undefined) first.set(zone, id);
    const message =
      `is in ${zone}, as ${other} is, but an interface endpoint takes one subnet per zone; ` +
      'name one subnet of each zone';
    return [[other !== undefined, `subnets[${index}].zone`, message]];
  });
}

/** Functions have IPv6 addresses in dual-stack subnets only, and a new VPC has none of those. */
function familyFaults(network: NetworkConfig): Fault[] {
  const { vpcId, dualStack, egressCidrs, endpointCidrs = [], dnsServers = [] } = network;
  const written = [
    ...egressCidrs.map((range, index) => [`egressCidrs[${index}]`, range] as const),
    ...endpointCidrs.map((range, index) => [`endpointCidrs[${index}]`, range] as const),
    ...dnsServers.map((server, index) => [`dnsServers[${index}]`, server] as const),
  ];
  return [
    [
      vpcId === 'new' && dualStack,
      'dualStack',
      'needs subnets with IPv6, which a new VPC does not have; name the subnets of an existing VPC, or leave it out',
    ],
    ...written.map(([key, range]): Fault => [!dualStack && range.includes(':'), key, NO_IPV6]),
  ];
}

const NO_IPV6 =
  'is IPv6, but the functions have IPv4 addresses only; name the IPv4 range, or write dualStack: true if all subnets ' +
  'have IPv4 and IPv6';

/** What the configuration names by its address has to be where the security groups let out to. */
function addressIssues(
  config: Reaching,
  aws: AwsConfig & { readonly network: NetworkConfig },
): ConfigIssue[] {
  const { esxi } = config;
  const written: (readonly [path: string, url: string, caller: Caller])[] = [
    ...endpointsOf(config).flatMap(({ path, url }) =>
      url === undefined ? [] : [[`${path}.url`, url, 'sweep'] as const],
    ),
    ...Object.entries(esxi?.overrides ?? {}).map(
      ([name, address]) => [`esxi.overrides.${name}`, `ssh://${address}`, 'collect-batch'] as const,
    ),
  ];
  return written.flatMap(([path, url, caller]) => {
    const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(host) === 0) return [];
    const port = portOf(url) ?? esxi?.port;
    const isOut = egressOf(caller, config, aws).some((rule) => rule.port === port && holds(rule.to, host));
    const message = `${host} is in no range of aws.network.egressCidrs, so no function can connect to it; add its range there`;
    return isOut ? [] : [{ path, message }];
  });
}

function holds(peer: Peer, host: string): boolean {
  if (peer.kind !== 'range') return false;
  const [address = '', bits] = peer.cidr.split('/');
  const range = new BlockList();
  range.addSubnet(address, Number(bits), familyOf(address));
  return range.check(host, familyOf(host));
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');
