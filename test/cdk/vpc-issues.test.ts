import { describe, expect, it } from 'vitest';
import type { VpcFacts } from '../../cdk/vpc-facts.ts';
import { vpcIssues } from '../../cdk/vpc-issues.ts';
import { aws } from '../../lib/config/aws.ts';

const [A, B] = ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'] as const;
const TABLE = 'rtb-0123456789abcdef0';

/** A VPC in which nothing is in the way of a deployment. */
const FACTS: VpcFacts = {
  dnsSupport: true,
  dnsHostnames: true,
  dnsServers: [],
  subnets: [
    { id: A, zone: 'eu-central-1a', isDualStack: true },
    { id: B, zone: 'eu-central-1b', isDualStack: true },
  ],
  endpoints: [],
  routeTables: [{ id: TABLE, isMain: true, subnets: [], hasWayOut: true }],
};

function issuesOf(network: object, facts: Partial<VpcFacts>, withPushgateway = false): string[] {
  const parsed = aws.parse({
    network: {
      vpcId: 'vpc-0123456789abcdef0',
      subnets: [A, B],
      routeTables: [TABLE],
      egressCidrs: ['10.0.0.0/8'],
      ...network,
    },
  }).network;
  if (parsed === undefined) throw new Error('the network has a fault');
  return vpcIssues(
    parsed,
    { ...FACTS, ...facts },
    {
      pushgateway: withPushgateway,
      tracing: false,
      workspace: false,
      cloudwatch: false,
      workers: true,
      task: false,
    },
  ).map(({ path, message }) => `${path.replace('aws.network.', '')}: ${message}`);
}

const endpoint = (more: Partial<VpcFacts['endpoints'][number]>): VpcFacts['endpoints'] => [
  { id: 'vpce-1', service: 'lambda', hasPrivateDns: true, routeTables: [], ...more },
];
const NO_WAY_OUT = FACTS.routeTables.map((table) => ({ ...table, hasWayOut: false }));

describe('a VPC beside its configuration', () => {
  it.each([{}, { endpoints: 'nat' }, { endpoints: 'existing' }, { dualStack: true }])(
    'fits where nothing is in the way: %j',
    (network) => expect(issuesOf(network, {})).toEqual([]),
  );

  it.each([
    ['no DNS host names', {}, { dnsHostnames: false }, /^vpcId: .* --enable-dns-hostnames$/],
    ['no DNS support', {}, { dnsSupport: false }, /^vpcId: .* --enable-dns-support$/],
    [
      'two subnets in a zone',
      {},
      { subnets: FACTS.subnets.map((subnet) => ({ ...subnet, zone: 'eu-central-1a' })) },
      /^subnets\[1\]: subnet-0123456789abcdef1 is in eu-central-1a, as subnet-0123456789abcdef0 is,/,
    ],
    [
      'a subnet of another VPC',
      {},
      { subnets: FACTS.subnets.slice(0, 1) },
      /^subnets\[1\]: .* is not in vpc-/,
    ],
    [
      'a subnet in another zone than is written',
      { subnets: [A, { id: B, zone: 'eu-central-1c' }] },
      {},
      /^subnets\[1\]\.zone: .* is in eu-central-1b; write that/,
    ],
    [
      'a subnet without IPv6',
      { dualStack: true },
      { subnets: FACTS.subnets.map((subnet) => ({ ...subnet, isDualStack: subnet.id === A })) },
      /^subnets\[1\]: .* has no range of IPv6/,
    ],
    [
      'an endpoint that is there',
      {},
      { endpoints: endpoint({}) },
      /^endpoints\.lambda: vpce-1 is there already/,
    ],
    [
      'a gateway endpoint in the same route table',
      {},
      { endpoints: endpoint({ service: 'dynamodb', hasPrivateDns: false, routeTables: [TABLE] }) },
      /^endpoints\.dynamodb: vpce-1 is there already/,
    ],
    [
      'a route table that the gateway endpoint would not get',
      {},
      { routeTables: [...FACTS.routeTables, { id: 'rtb-2', isMain: false, subnets: [B], hasWayOut: true }] },
      /^routeTables: lacks rtb-2 of subnet-0123456789abcdef1/,
    ],
    [
      'no way out for what goes by NAT',
      { endpoints: { lambda: 'none' }, subnets: [A], nat: true },
      { routeTables: NO_WAY_OUT },
      /^subnets\[0\]: .* has no route to a NAT gateway in rtb-\w+, through which lambda would be called/,
    ],
    [
      'name servers that nobody is let out to',
      { dnsServers: ['10.0.0.1'] },
      { dnsServers: ['10.0.0.1', '10.0.0.2'] },
      /^dnsServers: lacks 10\.0\.0\.2 .* write dnsServers: \[10\.0\.0\.1, 10\.0\.0\.2\]/,
    ],
  ])('does not fit with %s', (_what, network, facts, message) => {
    expect(issuesOf(network, facts)).toEqual([expect.stringMatching(message)]);
  });

  it.each([
    ['host names, where no endpoint is made', { endpoints: 'nat' }, { dnsHostnames: false }],
    ['an endpoint without private DNS', {}, { endpoints: endpoint({ hasPrivateDns: false }) }],
    ['an endpoint that is meant', { endpoints: { lambda: 'existing' } }, { endpoints: endpoint({}) }],
    [
      'a gateway endpoint in other route tables',
      {},
      { endpoints: endpoint({ service: 'dynamodb', hasPrivateDns: false, routeTables: ['rtb-9'] }) },
    ],
    ['a way out, where nothing goes by NAT', {}, { routeTables: NO_WAY_OUT }],
    ['name servers that are written', { dnsServers: ['10.0.0.1'] }, { dnsServers: ['10.0.0.1'] }],
  ])('asks for no %s', (_what, network, facts) => expect(issuesOf(network, facts)).toEqual([]));

  it('needs host names for the private zone of a Pushgateway, whatever its endpoints', () => {
    expect(issuesOf({ endpoints: 'nat' }, { dnsHostnames: false }, true)).toHaveLength(1);
  });
});
