import { Duration, RemovalPolicy, Size, Stack, Validations } from 'aws-cdk-lib';
import {
  AwsLogDriverMode,
  Cluster,
  ContainerImage,
  ContainerInsights,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  LogDrivers,
  OperatingSystemFamily,
} from 'aws-cdk-lib/aws-ecs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { AwsConfig } from '../lib/config/aws.ts';
import { sizeOfTask } from '../lib/config/aws-task.ts';
import { ENV } from '../lib/config/env.ts';
import type { Network } from './network.ts';
import { RightsHolder } from './rights-holder.ts';
import { TASK_HEALTH_PORT, taskHealth } from './task-health.ts';
import { TASK_ROOT, TASK_USER, taskImage } from './task-image.ts';

interface DeployedTaskProps {
  readonly aws: Pick<AwsConfig, 'taskSize' | 'taskBaseImage'>;
  readonly bundledConfig: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly network: Network;
}

/** From SIGTERM to SIGKILL: a run under way records its logins and logs out in less (functions/task). */
const STOP_TIMEOUT = Duration.seconds(30);

/**
 * The sweeps in one task on Fargate, which ECS keeps running. Never two at once: the second would skip each target as
 * `lease`. Its role has the rights of the code; that of ECS, which starts it, gets the image and writes the log.
 */
export class DeployedTask extends RightsHolder {
  /** By which CloudWatch knows its service. */
  readonly dimensions: Readonly<Record<'ClusterName' | 'ServiceName', string>>;
  readonly logGroupName: string;

  constructor(scope: Construct, id: string, props: DeployedTaskProps) {
    super(scope, id, { service: 'ecs-tasks.amazonaws.com' });
    const { network } = props;
    const cluster = new Cluster(this, 'Cluster', {
      vpc: network.vpc,
      containerInsightsV2: ContainerInsights.ENABLED,
    });
    const logGroup = new LogGroup(this, 'Log', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const taskDefinition = this.#define(props, logGroup);
    const service = new FargateService(this, 'Service', {
      cluster,
      taskDefinition,
      desiredCount: 1,
      minHealthyPercent: 0,
      maxHealthyPercent: 100,
      circuitBreaker: { rollback: true },
      vpcSubnets: { subnets: [...network.subnets] },
      securityGroups: [network.securityGroupOf('task')],
      assignPublicIp: false,
    });
    // Its first task pulls the image at once, and reads what its role lets it read.
    service.node.addDependency(network, taskDefinition, this.role);
    this.dimensions = { ClusterName: cluster.clusterName, ServiceName: service.serviceName };
    this.logGroupName = logGroup.logGroupName;
  }

  #define({ aws, bundledConfig, environment }: DeployedTaskProps, logGroup: LogGroup): FargateTaskDefinition {
    const { vcpu, memoryMb } = sizeOfTask(aws);
    const task = new FargateTaskDefinition(this, 'Task', {
      cpu: vcpu * 1_024,
      memoryLimitMiB: memoryMb,
      taskRole: this.role,
      runtimePlatform: {
        cpuArchitecture: CpuArchitecture.ARM64,
        operatingSystemFamily: OperatingSystemFamily.LINUX,
      },
    });
    const image = taskImage(this, 'Image', { config: bundledConfig, base: aws.taskBaseImage });
    task.addContainer('task', {
      image: ContainerImage.fromDockerImageAsset(image),
      user: TASK_USER,
      readonlyRootFilesystem: true,
      stopTimeout: STOP_TIMEOUT,
      healthCheck: taskHealth(),
      environment: {
        ...environment,
        // Of Lambda's functions Lambda sets it.
        AWS_REGION: Stack.of(this).region,
        [ENV.taskRoot]: TASK_ROOT,
        [ENV.taskMemory]: String(memoryMb),
        [ENV.taskHealthPort]: String(TASK_HEALTH_PORT),
      },
      logging: LogDrivers.awsLogs({
        logGroup,
        streamPrefix: 'task',
        // A log that takes no lines must not hold up the sweeps.
        mode: AwsLogDriverMode.NON_BLOCKING,
        maxBufferSize: Size.mebibytes(10),
      }),
    });
    Validations.of(task).acknowledge({
      id: 'AwsSolutions::AwsSolutions-ECS2',
      reason: 'The variables name the table, the stack and the integrity secret; none of them is a secret.',
    });
    Validations.of(task).acknowledge({
      id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
      reason: 'ecr:GetAuthorizationToken has no resource to name.',
    });
    return task;
  }
}
