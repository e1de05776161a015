import { createRequire } from 'node:module';
import { join } from 'node:path';
import {
  ArnFormat,
  AssetHashType,
  DockerImage,
  Duration,
  RemovalPolicy,
  Stack,
  Validations,
} from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Effect, type IGrantable, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  FunctionUrlAuthType,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { fingerprintOf, printDescription } from '../lib/config/deployed-mark.ts';
import { functionNameOf } from '../lib/config/deployed-names.ts';
import { bundleFunction, type FunctionName } from './bundle.ts';
import type { FunctionSize } from './function-sizes.ts';
import type { Network } from './network.ts';
import { RightsHolder } from './rights-holder.ts';

interface BundledFunctionProps extends FunctionSize {
  readonly name: FunctionName;
  readonly bundledConfig: string;
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Where Lambda sends the event and the error of an asynchronous invocation that failed. Only for a function whose
   * event holds no secret.
   */
  readonly onFailure?: IQueue;
  /** Whether Lambda tells X-Ray of its invocations. */
  readonly tracing: boolean;
  /** Where it stands; without one in no VPC. */
  readonly network?: Network | undefined;
}

/** By the package's own name: the file is elsewhere in the checkout than in the npm package. */
const { version: VERSION }: { version: string } = createRequire(import.meta.url)('vsweep/package.json');

/** An event older than this belongs to a run that its successor has overtaken. */
export const MAX_EVENT_AGE = Duration.seconds(60);

/** A folder of `functions/` as a Lambda function with a role and a log group of its own. */
export class BundledFunction extends RightsHolder {
  readonly functionArn: string;
  readonly functionName: string;
  readonly duration: Metric;
  readonly errors: Metric;
  readonly throttles: Metric;
  readonly concurrency: Metric;
  readonly #lambda: LambdaFunction;

  constructor(scope: Construct, id: string, props: BundledFunctionProps) {
    super(scope, id, { service: 'lambda.amazonaws.com' });
    const { name, bundledConfig, memoryMb, timeout, reservedConcurrency, environment } = props;
    const { network, onFailure, tracing } = props;
    const logGroup = new LogGroup(this, 'Log', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    logGroup.grantWrite(this.role);
    const lambda = new LambdaFunction(this, 'Function', {
      functionName: functionNameOf(Stack.of(this).stackName, name),
      description: printDescription(name, { version: VERSION, configuration: fingerprintOf(bundledConfig) }),
      code: toCode(name, bundledConfig),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: memoryMb,
      timeout,
      ...(reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: reservedConcurrency }),
      ...(network === undefined ? {} : placeIn(network, name)),
      environment,
      role: this.role,
      logGroup,
      ...(tracing ? { tracing: Tracing.ACTIVE } : {}),
      // A second login could be the one that locks an account: nothing runs twice.
      retryAttempts: 0,
      maxEventAge: MAX_EVENT_AGE,
      ...(onFailure === undefined ? {} : { onFailure: new SqsDestination(onFailure) }),
    });
    this.#lambda = lambda;
    this.functionArn = lambda.functionArn;
    this.functionName = lambda.functionName;
    this.duration = lambda.metricDuration();
    this.errors = lambda.metricErrors();
    this.throttles = lambda.metricThrottles();
    this.concurrency = lambda.metric('ConcurrentExecutions');
    if (tracing) acknowledgeTracing(this.role);
    if (network !== undefined) letStandInVpc(this.role, functionNameOf(Stack.of(this).stackName, name));
  }

  /** An HTTPS address that answers who may call the function by his own policy; answers the address. */
  addUrl(): string {
    return this.#lambda.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM }).url;
  }

  /** The function as it is now, and none of its versions: CDK's own grant adds them. */
  grantInvoke({ grantPrincipal }: IGrantable): void {
    grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.functionArn] }),
    );
  }
}

const placeIn = (network: Network, name: FunctionName) => ({
  vpc: network.vpc,
  vpcSubnets: { subnets: [...network.subnets] },
  securityGroups: [network.securityGroupOf(name)],
  ...(network.dualStack ? { ipv6AllowedForDualStack: true } : {}),
});

const NETWORK_INTERFACE_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/**
 * Lambda makes the network interfaces of a function with the function's own rights, and names no resource for it.
 * The function's code does not get these: its own calls carry lambda:SourceFunctionArn, those of the service do not
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html).
 */
function letStandInVpc(role: Role, functionName: string): void {
  const actions = NETWORK_INTERFACE_ACTIONS;
  const self = Stack.of(role).formatArn({
    service: 'lambda',
    resource: 'function',
    // By its name: a reference would have the function wait for the policy that waits for it.
    resourceName: functionName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  role.addToPrincipalPolicy(new PolicyStatement({ actions, resources: ['*'] }));
  role.addToPrincipalPolicy(
    new PolicyStatement({
      effect: Effect.DENY,
      actions,
      resources: ['*'],
      conditions: { ArnEquals: { 'lambda:SourceFunctionArn': self } },
    }),
  );
  Validations.of(role).acknowledge({
    id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
    reason:
      'Lambda asks for these rights to the network interfaces of a function in a VPC, which have no names yet; the code of the function is denied them.',
  });
}

/** The rights to send traces come with them; X-Ray has no resource to name in these. */
const acknowledgeTracing = (role: Role) =>
  Validations.of(role).acknowledge({
    id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
    reason: 'Traces are sent by actions of X-Ray that know no resource.',
  });

/** Bundled here, by esbuild, when the stack is synthesised. */
function toCode(name: FunctionName, config: string): Code {
  return Code.fromAsset(join(import.meta.dirname, '../functions', name), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // CDK wants one, for those who bundle in Docker.
      image: DockerImage.fromRegistry('never-pulled'),
      local: {
        tryBundle(outDir) {
          bundleFunction(name, { outDir, config });
          return true;
        },
      },
    },
  });
}
