import type { NetworkConfig } from '../lib/config/aws-network.ts';
import {
  type AwsServiceName,
  choiceOf,
  type EndpointChoice,
  isGateway,
  neededServices,
  type Parts,
} from '../lib/config/aws-services.ts';
import type { ConfigIssue } from '../lib/config/errors.ts';
import type { VpcFacts } from './vpc-facts.ts';

/** Where a configuration and its VPC do not fit: what AWS would refuse half way, and what would reach nothing. */
export function vpcIssues(network: NetworkConfig, facts: VpcFacts, parts: Parts): ConfigIssue[] {
  const needed = neededServices(parts);
  const chosen = (choice: EndpointChoice) =>
    needed.filter((service) => choiceOf(service, network) === choice);
  const made = {
    interfaces: chosen('create').filter((one) => !isGateway(one)),
    gateways: chosen('create').filter(isGateway),
  };
  return [
    ...subnetIssues(network, facts, made),
    ...(made.interfaces.length > 0 || parts.pushgateway ? dnsIssues(network, facts) : []),
    ...serverIssues(network, facts),
    ...secondEndpoints(network, facts, made),
    ...routeIssues(network, facts, { made, byNat: chosen('none') }),
  ].map(({ path, message }) => ({ path: `aws.network.${path}`, message }));
}

interface Made {
  readonly interfaces: readonly AwsServiceName[];
  readonly gateways: readonly AwsServiceName[];
}

function subnetIssues(
  { vpcId, subnets = [], dualStack }: NetworkConfig,
  facts: VpcFacts,
  made: Made,
): ConfigIssue[] {
  const inZone = new Map<string, string>();
  return subnets.flatMap(({ id, zone }, index) => {
    const path = `subnets[${index}]`;
    const fact = facts.subnets.find((one) => one.id === id);
    if (fact === undefined) return [{ path, message: `${id} is not in ${vpcId}; name a subnet of that VPC` }];
    const issues: ConfigIssue[] = [];
    if (zone !== undefined && !zone.includes('-az') && zone !== fact.zone) {
      issues.push({ path: `${path}.zone`, message: `${id} is in ${fact.zone}; write that, or leave it out` });
    }
    if (dualStack && !fact.isDualStack) {
      issues.push({
        path,
        message: `${id} has no range of IPv6, which dualStack needs of every subnet; name another, or write dualStack: false`,
      });
    }
    const other = inZone.get(fact.zone);
    if (other === undefined) inZone.set(fact.zone, id);
    else if (made.interfaces.length > 0) {
      issues.push({
        path,
        message: `${id} is in ${fact.zone}, as ${other} is, but an interface endpoint takes one subnet per zone; name one subnet of each zone`,
      });
    }
    return issues;
  });
}

/** Private DNS of an endpoint, and the private zone of a Pushgateway, need both. */
function dnsIssues({ vpcId }: NetworkConfig, { dnsSupport, dnsHostnames }: VpcFacts): ConfigIssue[] {
  const without = [
    ...(dnsSupport ? [] : [['DNS support', 'enable-dns-support'] as const]),
    ...(dnsHostnames ? [] : [['DNS host names', 'enable-dns-hostnames'] as const]),
  ];
  return without.map(([what, option]) => ({
    path: 'vpcId',
    message: `${vpcId} has no ${what}, without which endpoints and private zones have no names; run: aws ec2 modify-vpc-attribute --vpc-id ${vpcId} --${option}`,
  }));
}

function serverIssues({ dnsServers = [] }: NetworkConfig, facts: VpcFacts): ConfigIssue[] {
  const missing = facts.dnsServers.filter((server) => !dnsServers.includes(server));
  if (missing.length === 0) return [];
  const message =
    `lacks ${missing.join(', ')} of the VPC's DHCP options, so nothing that asks them is let out; write ` +
    `dnsServers: [${facts.dnsServers.join(', ')}], and have them forward amazonaws.com and vsweep.internal to AWS's resolver`;
  return [{ path: 'dnsServers', message }];
}

function secondEndpoints(network: NetworkConfig, { endpoints }: VpcFacts, made: Made): ConfigIssue[] {
  const tables = network.routeTables ?? [];
  const found = (service: AwsServiceName) =>
    endpoints.find(
      (one) =>
        one.service === service &&
        (isGateway(service) ? one.routeTables.some((id) => tables.includes(id)) : one.hasPrivateDns),
    );
  return [...made.interfaces, ...made.gateways].flatMap((service) => {
    const there = found(service);
    const message = `${there?.id} is there already, and AWS refuses a second one; write ${service}: existing`;
    return there === undefined ? [] : [{ path: `endpoints.${service}`, message }];
  });
}

function routeIssues(
  { subnets = [], routeTables = [] }: NetworkConfig,
  facts: VpcFacts,
  { made, byNat }: { readonly made: Made; readonly byNat: readonly AwsServiceName[] },
): ConfigIssue[] {
  const main = facts.routeTables.find(({ isMain }) => isMain);
  return subnets.flatMap(({ id }, index) => {
    const table = facts.routeTables.find((one) => one.subnets.includes(id)) ?? main;
    if (table === undefined) return [];
    const path = `subnets[${index}]`;
    const issues: ConfigIssue[] = [];
    if (made.gateways.length > 0 && !routeTables.includes(table.id)) {
      const message = `lacks ${table.id} of ${id}, which would not reach ${made.gateways.join(', ')}; add it`;
      issues.push({ path: 'routeTables', message });
    }
    if (byNat.length > 0 && !table.hasWayOut) {
      const message = `${id} has no route to a NAT gateway in ${table.id}, through which ${byNat.join(', ')} would be called; name a subnet that has one, or endpoints for these`;
      issues.push({ path, message });
    }
    return issues;
  });
}
