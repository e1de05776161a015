import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Port, type SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  Cluster,
  ContainerImage,
  ContainerInsights,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  LogDrivers,
  OperatingSystemFamily,
} from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DnsRecordType, PrivateDnsNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { Construct } from 'constructs';
import type { AwsConfig } from '../lib/config/aws.ts';
import { deployedPushgateway } from '../lib/config/deployed-pushgateway.ts';
import { type Network, toPeer } from './network.ts';

interface DeployedPushgatewayProps {
  readonly pushgateway: NonNullable<AwsConfig['pushgateway']>;
  readonly network: Network;
  /** Who pushes to it. */
  readonly pusher: 'sweep' | 'task';
}

/**
 * One Pushgateway on Fargate, by a name in the VPC. Never two at once: each would have half of what was pushed. It
 * forgets everything when it starts again, and has it back after one interval.
 */
export class DeployedPushgateway extends Construct {
  /** By which CloudWatch knows its service. */
  readonly dimensions: Readonly<Record<'ClusterName' | 'ServiceName', string>>;

  constructor(scope: Construct, id: string, props: DeployedPushgatewayProps) {
    super(scope, id);
    const { network, pushgateway, pusher } = props;
    const { vpc, subnets } = network;
    const { host, domain, port } = deployedPushgateway(Stack.of(this).stackName);
    const cluster = new Cluster(this, 'Cluster', { vpc, containerInsightsV2: ContainerInsights.ENABLED });
    const group = this.#openTo(network, pusher, pushgateway.prometheusCidrs ?? []);
    const taskDefinition = this.#task(pushgateway.image, port);
    const service = new FargateService(this, 'Service', {
      cluster,
      taskDefinition,
      desiredCount: 1,
      minHealthyPercent: 0,
      maxHealthyPercent: 100,
      circuitBreaker: { rollback: true },
      vpcSubnets: { subnets: [...subnets] },
      securityGroups: [group],
      assignPublicIp: false,
      cloudMapOptions: {
        name: host,
        cloudMapNamespace: new PrivateDnsNamespace(this, 'Namespace', { name: domain, vpc }),
        dnsRecordType: DnsRecordType.A,
        dnsTtl: Duration.seconds(10),
        containerPort: port,
      },
    });
    // Its first task pulls the image at once, and ECS gives up after a few that could not. On Fargate by its launch type:
    // without strategies to choose from, the cluster needs no capacity providers.
    service.node.addDependency(network, taskDefinition);
    this.dimensions = { ClusterName: cluster.clusterName, ServiceName: service.serviceName };
  }

  #openTo(
    network: Network,
    pusher: DeployedPushgatewayProps['pusher'],
    prometheusCidrs: readonly string[],
  ): SecurityGroup {
    const port = Port.tcp(deployedPushgateway(Stack.of(this).stackName).port);
    const group = network.securityGroupOf('pushgateway');
    group.addIngressRule(network.securityGroupOf(pusher), port, 'pushes');
    for (const cidr of prometheusCidrs) group.addIngressRule(toPeer(cidr), port, 'Prometheus');
    return group;
  }

  #task(image: string, containerPort: number): FargateTaskDefinition {
    const task = new FargateTaskDefinition(this, 'Task', {
      cpu: 256,
      memoryLimitMiB: 512,
      runtimePlatform: {
        cpuArchitecture: CpuArchitecture.ARM64,
        operatingSystemFamily: OperatingSystemFamily.LINUX,
      },
    });
    const logGroup = new LogGroup(this, 'Log', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    task.addContainer('pushgateway', {
      image: ContainerImage.fromRegistry(image),
      portMappings: [{ containerPort }],
      readonlyRootFilesystem: true,
      logging: LogDrivers.awsLogs({ logGroup, streamPrefix: 'pushgateway' }),
      healthCheck: {
        command: ['CMD', 'wget', '-q', '-O', '/dev/null', `http://127.0.0.1:${containerPort}/-/healthy`],
        interval: Duration.seconds(15),
        timeout: Duration.seconds(5),
        startPeriod: Duration.seconds(15),
      },
    });
    const [, account, region, repository] =
      /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)/.exec(image) ?? [];
    if (repository !== undefined) this.#letPull(task, { account, region, repository });
    return task;
  }

  #letPull(
    task: FargateTaskDefinition,
    { account, region, repository }: Record<'account' | 'region' | 'repository', string | undefined>,
  ): void {
    task.addToExecutionRolePolicy(
      new PolicyStatement({
        actions: ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'],
        resources: [`arn:${Stack.of(this).partition}:ecr:${region}:${account}:repository/${repository}`],
      }),
    );
    task.addToExecutionRolePolicy(
      new PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }),
    );
    Validations.of(task).acknowledge({
      id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
      reason: 'ecr:GetAuthorizationToken has no resource to name.',
    });
  }
}
