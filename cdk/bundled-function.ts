import { join } from 'node:path';
import { AssetHashType, DockerImage, Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  type IGrantable,
  type IPrincipal,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENV } from '../lib/config/env.ts';
import { bundleFunction, type FunctionName } from './bundle.ts';
import type { FunctionSize } from './function-sizes.ts';

interface BundledFunctionProps extends FunctionSize {
  readonly name: FunctionName;
  readonly bundledConfig: string;
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Where Lambda sends the event and the error of an asynchronous invocation that failed. Only for a function whose
   * event holds no secret.
   */
  readonly onFailure?: IQueue;
}

/** An event older than this belongs to a run that its successor has overtaken. */
export const MAX_EVENT_AGE = Duration.seconds(60);

/** A folder of `functions/` as a Lambda function with a role and a log group of its own. */
export class BundledFunction extends Construct implements IGrantable {
  readonly grantPrincipal: IPrincipal;
  readonly functionArn: string;
  readonly functionName: string;
  readonly #role: Role;

  constructor(scope: Construct, id: string, props: BundledFunctionProps) {
    super(scope, id);
    const { name, bundledConfig, memoryMb, timeout, environment, onFailure } = props;
    const logGroup = new LogGroup(this, 'Log', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.#role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(this.#role);
    const lambda = new LambdaFunction(this, 'Function', {
      description: `vsweep ${name}`,
      code: toCode(name, bundledConfig),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: memoryMb,
      timeout,
      environment: { ...environment, [ENV.nodeOptions]: '--enable-source-maps' },
      role: this.#role,
      logGroup,
      // A second login could be the one that locks an account: nothing runs twice.
      retryAttempts: 0,
      maxEventAge: MAX_EVENT_AGE,
      ...(onFailure === undefined ? {} : { onFailure: new SqsDestination(onFailure) }),
    });
    this.grantPrincipal = this.#role;
    this.functionArn = lambda.functionArn;
    this.functionName = lambda.functionName;
  }

  allow(statement: PolicyStatement): void {
    this.#role.addToPrincipalPolicy(statement);
  }

  /** The function as it is now, and none of its versions: CDK's own grant adds them. */
  grantInvoke({ grantPrincipal }: IGrantable): void {
    grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.functionArn] }),
    );
  }
}

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
