import * as z from 'zod';

/** What AWS says of the VPC of a configuration, as far as a deployment depends on it. */
export interface VpcFacts {
  readonly dnsSupport: boolean;
  readonly dnsHostnames: boolean;
  /** Of the DHCP options; AWS's own resolver is not among them. */
  readonly dnsServers: readonly string[];
  readonly subnets: readonly { readonly id: string; readonly zone: string; readonly isDualStack: boolean }[];
  readonly endpoints: readonly {
    readonly id: string;
    /** As in `com.amazonaws.<region>.<service>`. */
    readonly service: string;
    readonly hasPrivateDns: boolean;
    readonly routeTables: readonly string[];
  }[];
  readonly routeTables: readonly {
    readonly id: string;
    readonly isMain: boolean;
    readonly subnets: readonly string[];
    /** Whether what is for no other route leaves by something else than an internet gateway. */
    readonly hasWayOut: boolean;
  }[];
}

/** Calls the AWS command line: `ec2 describe-…` with these arguments; answers its JSON. */
export type DescribeByCli = (command: string, ...args: string[]) => Promise<unknown>;

const OWN_RESOLVER = 'AmazonProvidedDNS';
const ANYWHERE = '0.0.0.0/0';

const attribute = z.object({ Value: z.boolean() });
const vpcs = z.object({ Vpcs: z.tuple([z.object({ DhcpOptionsId: z.string().default('default') })]) });
const dhcpOptions = z.object({
  DhcpOptions: z.array(
    z.object({
      DhcpConfigurations: z
        .array(z.object({ Key: z.string(), Values: z.array(z.object({ Value: z.string() })) }))
        .default([]),
    }),
  ),
});
const subnets = z.object({
  Subnets: z.array(
    z.object({
      SubnetId: z.string(),
      AvailabilityZone: z.string(),
      Ipv6CidrBlockAssociationSet: z.array(z.unknown()).default([]),
    }),
  ),
});
const endpoints = z.object({
  VpcEndpoints: z.array(
    z.object({
      VpcEndpointId: z.string(),
      ServiceName: z.string(),
      PrivateDnsEnabled: z.boolean().default(false),
      RouteTableIds: z.array(z.string()).default([]),
      State: z.string(),
    }),
  ),
});
const routeTables = z.object({
  RouteTables: z.array(
    z.object({
      RouteTableId: z.string(),
      Associations: z
        .array(z.object({ Main: z.boolean().default(false), SubnetId: z.string().optional() }))
        .default([]),
      Routes: z
        .array(
          z.object({
            DestinationCidrBlock: z.string().optional(),
            GatewayId: z.string().optional(),
            State: z.string().optional(),
          }),
        )
        .default([]),
    }),
  ),
});

/** Asks AWS about a VPC, and changes nothing. Rejects with what the command line says, or where it answers otherwise. */
export async function readVpcFacts(vpcId: string, describe: DescribeByCli): Promise<VpcFacts> {
  const ofVpc = ['--filters', `Name=vpc-id,Values=${vpcId}`];
  const attributeOf = (name: string) =>
    describe('describe-vpc-attribute', '--vpc-id', vpcId, '--attribute', name);
  const { Vpcs } = vpcs.parse(await describe('describe-vpcs', '--vpc-ids', vpcId));
  const [support, hostnames, dhcp, subnetsThere, endpointsThere, tables] = await Promise.all([
    attributeOf('enableDnsSupport'),
    attributeOf('enableDnsHostnames'),
    describe('describe-dhcp-options', '--filters', `Name=dhcp-options-id,Values=${Vpcs[0].DhcpOptionsId}`),
    describe('describe-subnets', ...ofVpc),
    describe('describe-vpc-endpoints', ...ofVpc),
    describe('describe-route-tables', ...ofVpc),
  ]);
  return {
    dnsSupport: z.object({ EnableDnsSupport: attribute }).parse(support).EnableDnsSupport.Value,
    dnsHostnames: z.object({ EnableDnsHostnames: attribute }).parse(hostnames).EnableDnsHostnames.Value,
    dnsServers: dhcpOptions
      .parse(dhcp)
      .DhcpOptions.flatMap(({ DhcpConfigurations }) => DhcpConfigurations)
      .filter(({ Key }) => Key === 'domain-name-servers')
      .flatMap(({ Values }) => Values.map(({ Value }) => Value))
      .filter((server) => server !== OWN_RESOLVER),
    subnets: subnets.parse(subnetsThere).Subnets.map((subnet) => ({
      id: subnet.SubnetId,
      zone: subnet.AvailabilityZone,
      isDualStack: subnet.Ipv6CidrBlockAssociationSet.length > 0,
    })),
    endpoints: endpoints
      .parse(endpointsThere)
      // Those that are being deleted, or that nobody accepted, are in nobody's way.
      .VpcEndpoints.filter(({ State }) => /^(?:available|pending)$/i.test(State))
      .map((endpoint) => ({
        id: endpoint.VpcEndpointId,
        service: endpoint.ServiceName.replace(/^.*?amazonaws\.[a-z0-9-]+\./, ''),
        hasPrivateDns: endpoint.PrivateDnsEnabled,
        routeTables: endpoint.RouteTableIds,
      })),
    routeTables: routeTables.parse(tables).RouteTables.map((table) => ({
      id: table.RouteTableId,
      isMain: table.Associations.some(({ Main }) => Main),
      subnets: table.Associations.flatMap(({ SubnetId }) => SubnetId ?? []),
      hasWayOut: table.Routes.some(
        ({ DestinationCidrBlock, GatewayId, State }) =>
          DestinationCidrBlock === ANYWHERE && State !== 'blackhole' && !GatewayId?.startsWith('igw-'),
      ),
    })),
  };
}
