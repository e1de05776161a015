import { Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  CfnVPCEndpoint,
  FlowLogDestination,
  FlowLogTrafficType,
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  type IPeer,
  IpAddresses,
  type ISubnet,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  Subnet,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { NetworkConfig } from '../lib/config/aws.ts';
import type { FunctionName } from './bundle.ts';

const HTTPS = 443;
const DEFAULT_CIDR = '10.90.0.0/24';

interface NetworkProps {
  readonly network: NetworkConfig;
  /** The TCP ports of what each function talks to in `egressCidrs`. */
  readonly ports: Readonly<Record<FunctionName, readonly number[]>>;
}

/** Where the functions stand, and whom they may talk to: what the configuration names and the APIs of AWS. */
export class Network extends Construct {
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
  readonly #network: NetworkConfig;
  readonly #groups: Readonly<Record<FunctionName, SecurityGroup>>;

  constructor(scope: Construct, id: string, { network, ports }: NetworkProps) {
    super(scope, id);
    this.#network = network;
    this.vpc = network.vpcId === 'new' ? this.#makeVpc() : this.#existingVpc(network.vpcId);
    this.subnets =
      network.vpcId === 'new'
        ? this.vpc.selectSubnets({
            subnetType:
              network.endpoints === 'nat' ? SubnetType.PRIVATE_WITH_EGRESS : SubnetType.PRIVATE_ISOLATED,
          }).subnets
        : (network.subnets ?? []).map((subnetId, index) =>
            Subnet.fromSubnetAttributes(this, `Subnet${index}`, { subnetId }),
          );
    this.#groups = {
      sweep: this.#groupOf('sweep', ports.sweep),
      'collect-batch': this.#groupOf('collect-batch', ports['collect-batch']),
      poll: this.#groupOf('poll', ports.poll),
    };
    if (this.makesEndpoints) {
      this.addGatewayEndpoint('dynamodb');
      const users = Object.values(this.#groups);
      this.addInterfaceEndpoint('SecretsManager', InterfaceVpcEndpointAwsService.SECRETS_MANAGER, users);
      this.addInterfaceEndpoint('Lambda', InterfaceVpcEndpointAwsService.LAMBDA, [this.#groups.sweep]);
    }
  }

  /** Whether AWS is reached by endpoints that the stack makes. */
  get makesEndpoints(): boolean {
    return this.#network.endpoints === 'create';
  }

  /** Where the APIs of AWS are in reach, beside the interface endpoints that the stack makes. */
  peersForAws(gateway: 'dynamodb' | 's3'): IPeer[] {
    const { egressCidrs, endpoints, dynamodbPrefixList, s3PrefixList } = this.#network;
    const prefixList = gateway === 's3' ? s3PrefixList : dynamodbPrefixList;
    return [
      ...(endpoints === 'existing' ? egressCidrs.map(toPeer) : []),
      ...(endpoints === 'nat' ? [Peer.anyIpv4()] : []),
      ...(prefixList === undefined ? [] : [Peer.prefixList(prefixList)]),
    ];
  }

  securityGroupOf(name: FunctionName): SecurityGroup {
    return this.#groups[name];
  }

  /** Costs nothing. It has no policy of its own: others in these subnets use it too. */
  addGatewayEndpoint(service: 'dynamodb' | 's3'): void {
    const routeTables =
      this.#network.routeTables ?? this.subnets.map(({ routeTable }) => routeTable.routeTableId);
    new CfnVPCEndpoint(this, `${service}Gateway`, {
      vpcId: this.vpc.vpcId,
      vpcEndpointType: 'Gateway',
      serviceName: `com.amazonaws.${Stack.of(this).region}.${service}`,
      routeTableIds: [...new Set(routeTables)],
    });
  }

  /** Costs by the hour and availability zone. Takes connections of these groups only. */
  addInterfaceEndpoint(
    id: string,
    service: InterfaceVpcEndpointAwsService,
    users: readonly SecurityGroup[],
  ): void {
    const group = new SecurityGroup(this, `${id}EndpointGroup`, {
      vpc: this.vpc,
      description: `vsweep: the endpoint of ${id}`,
      allowAllOutbound: false,
    });
    new InterfaceVpcEndpoint(this, `${id}Endpoint`, {
      vpc: this.vpc,
      service,
      subnets: { subnets: [...this.subnets] },
      securityGroups: [group],
      open: false,
    });
    for (const user of users) {
      group.addIngressRule(user, Port.tcp(HTTPS), 'the functions of vsweep');
      user.addEgressRule(group, Port.tcp(HTTPS), id);
    }
  }

  #existingVpc(vpcId: string): IVpc {
    return Vpc.fromVpcAttributes(this, 'Vpc', { vpcId, availabilityZones: [Fn.select(0, Fn.getAzs())] });
  }

  #makeVpc(): IVpc {
    const withNat = this.#network.endpoints === 'nat';
    const flowLog = new LogGroup(this, 'RefusedTraffic', {
      retention: RetentionDays.ONE_WEEK,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(this.#network.cidr ?? DEFAULT_CIDR),
      maxAzs: 2,
      natGateways: withNat ? 1 : 0,
      subnetConfiguration: withNat
        ? [
            { name: 'public', subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false },
            { name: 'functions', subnetType: SubnetType.PRIVATE_WITH_EGRESS },
          ]
        : [{ name: 'functions', subnetType: SubnetType.PRIVATE_ISOLATED }],
      // What a security group or network ACL refused: the first thing to look at when a host does not answer.
      flowLogs: {
        refused: {
          destination: FlowLogDestination.toCloudWatchLogs(flowLog),
          trafficType: FlowLogTrafficType.REJECT,
        },
      },
    });
  }

  #groupOf(name: FunctionName, ports: readonly number[]): SecurityGroup {
    const group = new SecurityGroup(this, `${name}Group`, {
      vpc: this.vpc,
      description: `vsweep ${name}`,
      allowAllOutbound: false,
    });
    const letOut = (peer: IPeer, port: number, to: string) => group.addEgressRule(peer, Port.tcp(port), to);
    for (const cidr of this.#network.egressCidrs) {
      for (const port of ports) letOut(toPeer(cidr), port, 'vCenters, hosts, Pushgateway, NetBox');
    }
    for (const peer of this.peersForAws('dynamodb')) letOut(peer, HTTPS, 'the APIs of AWS');
    return group;
  }
}

export const toPeer = (cidr: string): IPeer => (cidr.includes(':') ? Peer.ipv6(cidr) : Peer.ipv4(cidr));
