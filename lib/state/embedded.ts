import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Clock } from '../platform/clock.ts';
import { withTimeLimit } from '../platform/deadline.ts';
import { messageOf } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import { createMissingTable } from './create-missing-table.ts';
import { StateError } from './errors.ts';
import { takeFolder } from './folder-ownership.ts';
import { makePrivateFolder } from './private-folder.ts';

/** The state table on this machine's disk. Dispose it to close the files and give the folder back. */
export interface EmbeddedState extends AsyncDisposable {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}

const TABLE_NAME = 'vsweep';
/** Beside this file: TypeScript in the sources, JavaScript when built. */
const TABLE_SERVER = new URL(`table-server${extname(import.meta.filename)}`, import.meta.url);
const OPEN_MS = 15_000;
const CLOSE_MS = 10_000;

/**
 * Opens the state that is kept in the folder `path` and makes it when absent. One process at a time owns the folder:
 * a second one gets StateHeldError. The server listens on a Unix domain socket in a folder of mode 0700, so nobody
 * else on the machine can reach it. Throws StateError when folder or files cannot be used.
 */
export async function openEmbeddedState(
  options: { path: string; clock: Clock; log: Log },
  { signal }: { signal: AbortSignal },
): Promise<EmbeddedState> {
  const { path, clock, log } = options;
  return await withTimeLimit(
    { clock, ms: OPEN_MS, what: `opening the state in ${path}`, signal },
    async (limited) => {
      await using opening = new AsyncDisposableStack();
      await makePrivateFolder(path, { signal: limited });
      opening.use(await takeFolder(path, { signal: limited }));
      let server = opening.use(await startServer(options, { signal: limited }));
      if ((await createMissingTable(server.client, TABLE_NAME, { signal: limited })) === 'half-made') {
        await server[Symbol.asyncDispose]();
        await rm(join(path, 'table'), { recursive: true });
        server = opening.use(await startServer(options, { signal: limited }));
        await createMissingTable(server.client, TABLE_NAME, { signal: limited });
      }
      log.debug('state opened', { path });
      const opened = opening.move();
      return {
        client: server.client,
        tableName: TABLE_NAME,
        [Symbol.asyncDispose]: () => opened.disposeAsync(),
      };
    },
  );
}

interface Server extends AsyncDisposable {
  readonly client: DynamoDBDocumentClient;
}

async function startServer(
  options: { path: string; clock: Clock; log: Log },
  { signal }: { signal: AbortSignal },
): Promise<Server> {
  const { path, log } = options;
  await using starting = new AsyncDisposableStack();
  const socketFolder = await mkdtemp(join(tmpdir(), 'vsweep-'));
  starting.defer(() => rm(socketFolder, { recursive: true, force: true }));
  const socketPath = join(socketFolder, 'state');
  const worker = new Worker(TABLE_SERVER, {
    workerData: { path: join(path, 'table'), socketPath },
    execArgv: [],
    env: {},
  });
  starting.defer(() => stop(worker, options));
  await listening(worker, path, { signal });
  worker.on('error', (error) => log.error('the state server failed', { path, reason: messageOf(error) }));
  const client = connect(socketPath, log);
  starting.defer(() => client.destroy());
  const started = starting.move();
  return { client, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

async function listening(worker: Worker, path: string, { signal }: { signal: AbortSignal }): Promise<void> {
  try {
    await once(worker, 'message', { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new StateError(
      `The state in ${path} cannot be opened: ${messageOf(error)}. Check the disk; a folder that is damaged can be ` +
        'removed, and vsweep then starts without what it knew of refusals and host keys.',
      { code: 'refused', cause: error },
    );
  }
}

async function stop(
  worker: Worker,
  { path, clock, log }: { path: string; clock: Clock; log: Log },
): Promise<void> {
  if (worker.threadId === -1) return;
  const { signal } = new AbortController();
  try {
    await withTimeLimit({ clock, ms: CLOSE_MS, what: 'closing the state', signal }, async (limited) => {
      const exited = once(worker, 'exit', { signal: limited });
      worker.postMessage('close');
      await exited;
    });
  } catch (error) {
    log.warn('the state did not close in order', { path, reason: messageOf(error) });
    await worker.terminate();
  }
}

function connect(socketPath: string, log: Log): DynamoDBDocumentClient {
  const quiet = (message: unknown) => log.debug(String(message));
  const overSocket = { socketPath, keepAlive: true, maxSockets: 32 };
  const client = new DynamoDBClient({
    endpoint: 'http://embedded.invalid',
    region: 'embedded',
    credentials: { accessKeyId: 'embedded', secretAccessKey: 'embedded' },
    maxAttempts: 3,
    requestHandler: {
      httpAgent: new Agent(overSocket),
      connectionTimeout: 1_000,
      requestTimeout: 10_000,
      throwOnRequestTimeout: true,
      logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    },
  });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}
