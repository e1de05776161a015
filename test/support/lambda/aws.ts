import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { FunctionName } from '../../../cdk/bundle.ts';
import type { AwsConfig } from '../../../lib/config/aws.ts';
import { printBundledConfig } from '../../../lib/config/bundled-config.ts';
import { ENV } from '../../../lib/config/env.ts';
import { createTemporaryFolder } from '../peers/temporary-folder.ts';
import { INTEGRITY_SECRET, TEST_ACCOUNT } from './aws-environment.ts';
import { bundleOnce } from './bundle-once.ts';
import { type Dynamodb, startDynamodb } from './dynamodb.ts';
import {
  type DeployedFunction,
  type Invocation,
  type LambdaService,
  startLambdaService,
} from './lambda-service.ts';
import { type SecretsManager, startSecretsManager } from './secrets-manager.ts';

export const SWEEP = 'vsweep-sweep';
export const WORKER = 'vsweep-collect-batch';
export const POLL = 'vsweep-poll';

export const INTEGRITY_SECRET_ID = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:Integrity-AbCdEf';
export const STACK = 'vsweep';

export type BatchSettings = Partial<
  Pick<AwsConfig, 'inlineBelowHosts' | 'maxConcurrentBatches' | 'maxSessionsPerTarget'>
>;

export interface AwsOptions {
  /** vsweep.yaml, no longer text; `aws` is what it says of batches. Workers collect all of them unless it says otherwise. */
  readonly config: Readonly<Record<string, unknown>> & { readonly aws?: BatchSettings };
  /** By id. */
  readonly secrets: Readonly<Record<string, unknown>>;
  readonly sweep?: Partial<DeployedFunction>;
  readonly worker?: Partial<DeployedFunction>;
  /** The poll function is deployed when this is there. */
  readonly poll?: Partial<DeployedFunction>;
  /** What all functions may run at once; that of a new account when left out. */
  readonly accountConcurrency?: number | undefined;
}

/** What the invoker of a function sees. */
export interface Reply {
  readonly status: number | undefined;
  /** The function's answer, no longer JSON, or what it threw when `functionError` is set. */
  readonly payload: unknown;
  readonly functionError: string | undefined;
}

/** vsweep as it is deployed, and of AWS what it needs, on this machine. */
export interface Aws extends AsyncDisposable {
  readonly lambda: LambdaService;
  readonly secrets: SecretsManager;
  readonly dynamodb: Dynamodb;
  /** Invokes the sweep function: `Event` as EventBridge Scheduler does, else as an operator. */
  sweep(event: unknown, type?: Invocation['type']): Promise<Reply>;
  /** Invokes the worker, as somebody else may. */
  worker(event: unknown): Promise<Reply>;
  /** Invokes the poll function as `vsweep invoke poll` does. */
  poll(request: unknown, type?: Invocation['type']): Promise<Reply>;
}

/** A function ends when it is done, also on a busy machine. */
const PATIENCE_MS = 300_000;

/** Bundles the functions and deploys them on the simulated services. */
export async function startAws({
  config,
  secrets,
  accountConcurrency,
  ...functions
}: AwsOptions): Promise<Aws> {
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(await createTemporaryFolder('bundles'));
  const dynamodb = starting.use(await startDynamodb());
  const secretsManager = starting.use(await startSecretsManager());
  const lambda = starting.use(
    await startLambdaService(accountConcurrency === undefined ? {} : { accountConcurrency }),
  );
  for (const [id, value] of Object.entries(secrets)) secretsManager.put(id, value);
  secretsManager.put(INTEGRITY_SECRET_ID, INTEGRITY_SECRET);

  const aws = {
    allowPublicEgress: true,
    alarms: { emails: ['ops@example.org'] },
    inlineBelowHosts: 0,
    ...config.aws,
  };
  const bundled = printBundledConfig({ ...config, aws }, { certificates: new Map() });
  const deploy = (
    name: string,
    source: FunctionName,
    env: Record<string, string>,
    own: Partial<DeployedFunction> | undefined,
  ) => {
    const taskRoot = join(folder.path, source);
    bundleOnce(source, { outDir: taskRoot, config: bundled });
    lambda.deploy(name, {
      taskRoot,
      timeoutMs: PATIENCE_MS,
      ...own,
      env: {
        [ENV.table]: dynamodb.tableName,
        AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
        AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url,
        ...env,
        ...own?.env,
      },
    });
  };
  const { sweep, worker, poll } = functions;
  const sealed = { [ENV.stack]: STACK, [ENV.integritySecret]: INTEGRITY_SECRET_ID };
  const toWorker = { [ENV.collectBatch]: WORKER, AWS_ENDPOINT_URL_LAMBDA: lambda.url };
  deploy(SWEEP, 'sweep', { ...sealed, ...toWorker }, sweep);
  deploy(WORKER, 'collect-batch', sealed, worker);
  if (poll !== undefined) deploy(POLL, 'poll', {}, poll);

  const client = new LambdaClient({ endpoint: lambda.url, ...TEST_ACCOUNT, maxAttempts: 1 });
  starting.defer(() => client.destroy());
  const invoke = async (command: ConstructorParameters<typeof InvokeCommand>[0]): Promise<Reply> => {
    const { StatusCode, Payload, FunctionError } = await client.send(new InvokeCommand(command));
    const text = Buffer.from(Payload ?? []).toString();
    return { status: StatusCode, payload: JSON.parse(text || 'null'), functionError: FunctionError };
  };
  const resources = starting.move();
  return {
    lambda,
    secrets: secretsManager,
    dynamodb,
    sweep: (event, type = 'RequestResponse') =>
      invoke({ FunctionName: SWEEP, InvocationType: type, Payload: JSON.stringify(event) }),
    worker: (event) => invoke({ FunctionName: WORKER, Payload: JSON.stringify(event) }),
    poll: (request, type = 'RequestResponse') =>
      invoke({
        FunctionName: POLL,
        InvocationType: type,
        Payload: JSON.stringify(request),
        ClientContext: Buffer.from('{"custom":{"vsweep":"poll"}}').toString('base64'),
      }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
