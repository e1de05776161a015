import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { printBundledConfig } from '../../../lib/config/bundled-config.ts';
import { ENV } from '../../../lib/config/env.ts';
import { createTemporaryFolder } from '../peers/temporary-folder.ts';
import { INTEGRITY_SECRET_ID, STACK } from './aws.ts';
import { TEST_ACCOUNT } from './aws-environment.ts';
import { bundleOnce } from './bundle-once.ts';
import type { DemoEstate } from './demo-estate.ts';

/** The process of a task, as ECS starts it from the image, with what ECS gives to it. */
export interface TaskProcess extends AsyncDisposable {
  /** All that it printed. */
  log(): string;
  signal(name: NodeJS.Signals): void;
  /** At which it answers the health check. */
  readonly healthPort: number;
  /** Its exit code and the signal that ended it, one of which is null. */
  readonly ended: Promise<readonly [code: number | null, signal: NodeJS.Signals | null]>;
}

export interface TaskOptions {
  readonly every?: string;
  /** Variables in place of those that the deployment sets; undefined: it does not set it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Starts the task on what an estate has of AWS, of which it calls no function. */
export async function startTask(
  { aws, config }: DemoEstate,
  { every = '10m', env = {} }: TaskOptions = {},
): Promise<TaskProcess> {
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(await createTemporaryFolder('task'));
  const taskRoot = join(folder.path, 'task');
  const sweeps = config.sweeps.map((sweep) => ({ ...sweep, every }));
  const ofStack = { allowPublicEgress: true, stack: STACK, alarms: { emails: ['ops@example.org'] } };
  const bundled = printBundledConfig({ ...config, sweeps, aws: ofStack }, { certificates: new Map() });
  bundleOnce('task', { outDir: taskRoot, config: bundled });
  const credentials = starting.use(await startCredentials());
  const healthPort = await freePort();
  const child = spawn(process.execPath, [join(taskRoot, 'index.js')], {
    cwd: taskRoot,
    env: {
      AWS_REGION: TEST_ACCOUNT.region,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: credentials.url,
      AWS_ENDPOINT_URL_DYNAMODB: aws.dynamodb.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.secrets.url,
      [ENV.table]: aws.dynamodb.tableName,
      [ENV.stack]: STACK,
      [ENV.integritySecret]: INTEGRITY_SECRET_ID,
      [ENV.taskMemory]: '512',
      [ENV.taskRoot]: taskRoot,
      [ENV.taskHealthPort]: String(healthPort),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => printed.push(text));
  const ended = endOf(child);
  const resources = starting.move();
  return {
    log: () => printed.join(''),
    healthPort,
    signal: (name) => void child.kill(name),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
      await resources[Symbol.asyncDispose]();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function endOf(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  const [code, signal] = await once(child, 'close');
  return [code, signal];
}

/** What ECS serves beside a task: credentials of its role, for a while. */
async function startCredentials(): Promise<AsyncDisposable & { readonly url: string }> {
  const { accessKeyId, secretAccessKey, sessionToken } = TEST_ACCOUNT.credentials;
  const server = createServer((_request, response) => {
    const Expiration = new Date(Date.now() + 6 * 60 * 60_000).toISOString();
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(
      JSON.stringify({
        AccessKeyId: accessKeyId,
        SecretAccessKey: secretAccessKey,
        Token: sessionToken,
        Expiration,
      }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/credentials`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
