import { isIP } from 'node:net';
import type { AwsConfig } from './aws.ts';
import {
  type AwsServiceName,
  type Caller,
  callersOf,
  choiceOf,
  hasNat,
  isGateway,
  neededServices,
  type Parts,
  partsOf,
} from './aws-services.ts';
import { deployedPushgateway } from './deployed-pushgateway.ts';
import type { Endpoints } from './endpoints.ts';
import { portsOfPart } from './network-ports.ts';

/** One rule that lets something in the VPC out. */
export interface EgressRule {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  readonly to: Peer;
  /** For who reads the security group. */
  readonly why: string;
}

export type Peer =
  | { readonly kind: 'range'; readonly cidr: string }
  | { readonly kind: 'prefix-list'; readonly id: string }
  /** An endpoint that the stack makes. */
  | { readonly kind: 'endpoint'; readonly service: AwsServiceName }
  | { readonly kind: 'pushgateway' };

const HTTPS = 443;
const DNS = 53;
const ANYWHERE = '0.0.0.0/0';

type Reaching = Endpoints;
type InNetwork = Pick<AwsConfig, 'stack' | 'pushgateway' | 'tracing' | 'task'> & {
  readonly network: NonNullable<AwsConfig['network']>;
};

/** Whom a caller is let out to, each rule once: what the configuration names, and the services of AWS that it calls. */
export function egressOf(caller: Caller, config: Reaching, aws: InNetwork): EgressRule[] {
  const { egressCidrs, dnsServers = [] } = aws.network;
  const deploysPushgateway = aws.pushgateway?.deploy === true;
  const outside = deploysPushgateway ? { ...config, push: undefined } : config;
  const ports = caller === 'pushgateway' ? [] : portsOfPart(caller, outside);
  const tcp = (to: Peer, port: number, why: string): EgressRule => ({ protocol: 'tcp', port, to, why });
  const rules = [
    ...egressCidrs.flatMap((cidr) => ports.map((port) => tcp({ kind: 'range', cidr }, port, OUTSIDE))),
    ...((caller === 'sweep' || caller === 'task') && deploysPushgateway
      ? [tcp({ kind: 'pushgateway' }, deployedPushgateway(aws.stack).port, 'the Pushgateway')]
      : []),
    ...peersForAws(caller, aws, partsOf(aws, config)).map((peer) =>
      tcp(peer, HTTPS, peer.kind === 'endpoint' ? peer.service : 'the APIs of AWS'),
    ),
    ...dnsServers.flatMap((address): EgressRule[] =>
      (['udp', 'tcp'] as const).map((protocol) => ({
        protocol,
        port: DNS,
        to: { kind: 'range', cidr: `${address}/${isIP(address) === 6 ? 128 : 32}` },
        why: 'name resolution',
      })),
    ),
  ];
  return [...new Map(rules.map((rule) => [keyOf(rule), rule])).values()];
}

const OUTSIDE = 'vCenters, hosts, Pushgateway, NetBox';
const keyOf = ({ protocol, port, to }: EgressRule) => JSON.stringify([protocol, port, to]);

function peersForAws(caller: Caller, aws: InNetwork, parts: Parts): Peer[] {
  const { network, pushgateway } = aws;
  const { egressCidrs, endpointCidrs = egressCidrs, dynamodbPrefixList, s3PrefixList } = network;
  const prefixLists: Partial<Record<AwsServiceName, string | undefined>> = {
    dynamodb: dynamodbPrefixList,
    s3: s3PrefixList,
  };
  const called = neededServices(parts).filter((service) => callersOf(service).includes(caller));
  const everywhere: Peer[] = [{ kind: 'range', cidr: ANYWHERE }];
  const toService = (service: AwsServiceName): Peer[] => {
    const choice = choiceOf(service, network);
    if (choice === 'none') return everywhere;
    const id = prefixLists[service];
    if (isGateway(service) && id !== undefined) return [{ kind: 'prefix-list', id }];
    if (choice === 'existing') return endpointCidrs.map((cidr) => ({ kind: 'range', cidr }));
    return isGateway(service) ? [] : [{ kind: 'endpoint', service }];
  };
  // Its registry may be anybody's.
  const fromAfar = caller === 'pushgateway' && hasNat(network) && !isEcrImage(pushgateway?.image ?? '');
  return [...called.flatMap(toService), ...(fromAfar ? everywhere : [])];
}

export const isEcrImage = (image: string): boolean =>
  /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\//.test(image);

/**
 * How many rules of each family of addresses these are. AWS counts the families apart, a prefix list by its weight,
 * which is 1 for those of DynamoDB and S3, and a group as one rule, here in both families
 * (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html,
 * https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html).
 */
export function countByFamily(rules: readonly EgressRule[]): Record<'IPv4' | 'IPv6', number> {
  const ipv6 = rules.filter(({ to }) => to.kind === 'range' && to.cidr.includes(':')).length;
  const ipv4 = rules.filter(({ to }) => to.kind === 'range' && !to.cidr.includes(':')).length;
  const both = rules.length - ipv6 - ipv4;
  return { IPv4: ipv4 + both, IPv6: ipv6 + both };
}
