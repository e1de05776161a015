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
import type { NetworkConfig } from '../lib/config/aws-network.ts';
import {
  type AwsServiceName,
  type Caller,
  callersIn,
  callersOf,
  choiceOf,
  hasNat,
  isGateway,
  neededServices,
  partsOf,
} from '../lib/config/aws-services.ts';
import { type Peer as ConfiguredPeer, egressOf } from '../lib/config/egress.ts';
import type { DeployableConfig } from './read-deployment.ts';

const HTTPS = 443;
const DEFAULT_CIDR = '10.90.0.0/24';

interface NetworkProps {
  readonly config: DeployableConfig;
  readonly network: NetworkConfig;
}

/**
 * Where functions, task and Pushgateway stand, and whom they may talk to: what the configuration names and the APIs of AWS.
 * What depends on it begins when every way is there.
 */
export class Network extends Construct {
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
  readonly dualStack: boolean;
  readonly #network: NetworkConfig;
  readonly #groups: ReadonlyMap<Caller, SecurityGroup>;
  readonly #endpointGroups: ReadonlyMap<AwsServiceName, SecurityGroup>;

  constructor(scope: Construct, id: string, { config, network }: NetworkProps) {
    super(scope, id);
    this.#network = network;
    this.dualStack = network.dualStack;
    this.vpc = network.vpcId === 'new' ? this.#makeVpc() : this.#existingVpc(network.vpcId);
    this.subnets = network.vpcId === 'new' ? this.#newSubnets() : this.#existingSubnets();
    const parts = partsOf(config.aws, config);
    const callers = callersIn(config.aws);
    this.#groups = new Map(callers.map((caller) => [caller, this.#groupOf(caller)]));
    const made = neededServices(parts).filter((service) => choiceOf(service, network) === 'create');
    for (const service of made.filter(isGateway)) this.#addGatewayEndpoint(service);
    this.#endpointGroups = new Map(
      made
        .filter((service) => !isGateway(service))
        .map((service) => [service, this.#addInterfaceEndpoint(service)]),
    );
    for (const caller of callers) {
      for (const { protocol, port, to, why } of egressOf(caller, config, { ...config.aws, network })) {
        const portOf = protocol === 'udp' ? Port.udp(port) : Port.tcp(port);
        this.securityGroupOf(caller).addEgressRule(this.#peerOf(to), portOf, why);
      }
    }
  }

  securityGroupOf(caller: Caller): SecurityGroup {
    const group = this.#groups.get(caller);
    if (group === undefined) throw new RangeError(`no ${caller} stands in this network`);
    return group;
  }

  #peerOf(to: ConfiguredPeer): IPeer {
    switch (to.kind) {
      case 'range':
        return toPeer(to.cidr);
      case 'prefix-list':
        return Peer.prefixList(to.id);
      case 'pushgateway':
        return this.securityGroupOf('pushgateway');
      case 'endpoint': {
        const group = this.#endpointGroups.get(to.service);
        if (group === undefined) throw new RangeError(`${to.service} has no endpoint of this stack`);
        return group;
      }
    }
  }

  /** Costs nothing. It has no policy of its own: others in these subnets use it too. */
  #addGatewayEndpoint(service: AwsServiceName): void {
    const routeTables =
      this.#network.routeTables ?? this.subnets.map(({ routeTable }) => routeTable.routeTableId);
    new CfnVPCEndpoint(this, `${service}Gateway`, {
      vpcId: this.vpc.vpcId,
      vpcEndpointType: 'Gateway',
      serviceName: `com.amazonaws.${Stack.of(this).region}.${service}`,
      routeTableIds: [...new Set(routeTables)],
    });
  }

  /** Costs by the hour and availability zone. Takes connections of the service's callers only. */
  #addInterfaceEndpoint(service: AwsServiceName): SecurityGroup {
    const id = service.replace('.', '-');
    const group = new SecurityGroup(this, `${id}EndpointGroup`, {
      vpc: this.vpc,
      description: `vsweep: the endpoint of ${service}`,
      allowAllOutbound: false,
    });
    new InterfaceVpcEndpoint(this, `${id}Endpoint`, {
      vpc: this.vpc,
      service: new InterfaceVpcEndpointAwsService(service),
      subnets: { subnets: [...this.subnets] },
      securityGroups: [group],
      open: false,
    });
    for (const caller of callersOf(service).filter((one) => this.#groups.has(one))) {
      group.addIngressRule(this.securityGroupOf(caller), Port.tcp(HTTPS), `vsweep ${caller}`);
    }
    return group;
  }

  #existingVpc(vpcId: string): IVpc {
    return Vpc.fromVpcAttributes(this, 'Vpc', { vpcId, availabilityZones: [Fn.select(0, Fn.getAzs())] });
  }

  #existingSubnets(): ISubnet[] {
    return (this.#network.subnets ?? []).map(({ id }, index) =>
      Subnet.fromSubnetAttributes(this, `Subnet${index}`, { subnetId: id }),
    );
  }

  #newSubnets(): ISubnet[] {
    const subnetType = hasNat(this.#network) ? SubnetType.PRIVATE_WITH_EGRESS : SubnetType.PRIVATE_ISOLATED;
    return this.vpc.selectSubnets({ subnetType }).subnets;
  }

  #makeVpc(): IVpc {
    const withNat = hasNat(this.#network);
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

  #groupOf(caller: Caller): SecurityGroup {
    return new SecurityGroup(this, `${caller}Group`, {
      vpc: this.vpc,
      description: `vsweep ${caller}`,
      allowAllOutbound: false,
    });
  }
}

export const toPeer = (cidr: string): IPeer => (cidr.includes(':') ? Peer.ipv6(cidr) : Peer.ipv4(cidr));
