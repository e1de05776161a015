import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';

import { printBundledConfig } from '../../../lib/config/bundled-config.ts';
import { ENV } from '../../../lib/config/env.ts';
import { type DemoVcenter, startDemoVcenter } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import type { PollReply } from '../../../lib/poll/reply.ts';
import { demoHosts } from '../../integration/vsphere/demo-target.ts';
import { createTemporaryFolder } from '../peers/temporary-folder.ts';
import { TEST_ACCOUNT } from './aws-environment.ts';
import { bundleOnce } from './bundle-once.ts';
import { type Dynamodb, startDynamodb } from './dynamodb.ts';
import { type LambdaService, startLambdaService } from './lambda-service.ts';
import { startSecretsManager } from './secrets-manager.ts';

/** What the function is called where it is deployed. */
export const POLL_FUNCTION = 'vsweep-poll';

/** What tells a command where AWS is. */
export const operatorEnv = ({ url }: Pick<LambdaService, 'url'>) => ({
  AWS_ENDPOINT_URL_LAMBDA: url,
  AWS_REGION: TEST_ACCOUNT.region,
  AWS_ACCESS_KEY_ID: TEST_ACCOUNT.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: TEST_ACCOUNT.credentials.secretAccessKey,
});

const PASSWORD = 'Leak1-vcenter';
/** How long Lambda lets the function run. A poll ends two seconds before, a login five seconds before that. */
const TIMEOUT_MS = 60_000;

/** The bundle of the poll function, deployed for two vCenters of which `vc02` is logged in to with a wrong password. */
export interface PollFunction extends AsyncDisposable {
  /** With three hosts, `esx1.example.org` and so on. */
  readonly vc01: DemoVcenter;
  readonly vc02: DemoVcenter;
  readonly dynamodb: Dynamodb;
  readonly lambda: LambdaService;
  /** Invokes it synchronously; throws what it throws. */
  poll<Reply = PollReply>(request: unknown, clientContext?: object): Promise<Reply>;
}

export async function startPollFunction(): Promise<PollFunction> {
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(await createTemporaryFolder('bundles'));
  const dynamodb = starting.use(await startDynamodb());
  const secrets = starting.use(await startSecretsManager());
  const lambda = starting.use(await startLambdaService());
  const users = { sweeper: PASSWORD };
  const vc01 = starting.use(await startDemoVcenter({ users, hosts: demoHosts(3) }));
  const vc02 = starting.use(await startDemoVcenter({ users, hosts: [], address: '127.0.0.2' }));
  secrets.put('vc01', { username: 'sweeper', password: PASSWORD });
  secrets.put('vc02', { username: 'sweeper', password: 'Leak2-wrong' });
  const target = (name: string, { url, sha256 }: DemoVcenter) => ({
    name,
    url,
    credentials: { secret: name },
    tls: { sha256: [sha256] },
  });
  const config = {
    targets: [target('vc01', vc01), target('vc02', vc02)],
    sweeps: [{ name: 'services', every: '1m', collectors: ['overall-status'] }],
  };
  const taskRoot = join(folder.path, 'poll');
  bundleOnce('poll', {
    outDir: taskRoot,
    config: printBundledConfig(config, { certificates: new Map() }),
  });
  const env = {
    [ENV.table]: dynamodb.tableName,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
  };
  lambda.deploy(POLL_FUNCTION, { taskRoot, timeoutMs: TIMEOUT_MS, env });
  const client = new LambdaClient({ endpoint: lambda.url, ...TEST_ACCOUNT, maxAttempts: 1 });
  starting.defer(() => client.destroy());
  const resources = starting.move();
  return {
    vc01,
    vc02,
    dynamodb,
    lambda,
    async poll<Reply>(request: unknown, context?: object): Promise<Reply> {
      const ClientContext = context && Buffer.from(JSON.stringify(context)).toString('base64');
      const answer = await client.send(
        new InvokeCommand({
          FunctionName: POLL_FUNCTION,
          Payload: JSON.stringify(request),
          ...(ClientContext === undefined ? {} : { ClientContext }),
        }),
      );
      const text = Buffer.from(answer.Payload ?? []).toString();
      if (answer.FunctionError !== undefined) throw new Error(text);
      return JSON.parse(text);
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
