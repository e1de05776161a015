import { once } from 'node:events';
import { rename, rm } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../platform/clock.ts';
import { withTimeLimit } from '../platform/deadline.ts';
import { messageOf } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import { createMissingTable } from './create-missing-table.ts';
import { connectEmbedded } from './embedded-client.ts';
import { StateError } from './errors.ts';
import type { SocketFolder } from './socket-folder.ts';

export interface ServeTableDeps {
  /** The state folder, which this process must own. */
  readonly path: string;
  readonly sockets: SocketFolder;
  readonly clock: Clock;
  readonly log: Log;
}

/** The running server. Dispose it to close the files. */
export interface TableService extends AsyncDisposable {
  /** Resolves when it is over, in order or not. */
  readonly ended: Promise<void>;
}

export const TABLE_NAME = 'vsweep';
/** The name of the socket in the state folder. */
export const SOCKET = 'socket';
/** Beside this file: TypeScript in the sources, JavaScript when built. */
const TABLE_SERVER = new URL(`table-server${extname(import.meta.filename)}`, import.meta.url);
const CLOSE_MS = 10_000;

/**
 * Serves the table in the state folder to every process that can enter the folder. The socket gets its name when the
 * table is ready, in the place of one that a killed process left behind: who finds it can use it.
 */
export async function serveTable(
  deps: ServeTableDeps,
  { signal }: { signal: AbortSignal },
): Promise<TableService> {
  const { path, sockets } = deps;
  const [draft, published] = [sockets.pathOf(`${SOCKET}.new`), sockets.pathOf(SOCKET)];
  await using starting = new AsyncDisposableStack();
  await rm(draft, { force: true });
  let server = starting.use(await startServer(deps, draft, { signal }));
  if ((await makeTable(draft, deps.log, { signal })) === 'half-made') {
    await server[Symbol.asyncDispose]();
    await rm(join(path, 'table'), { recursive: true });
    server = starting.use(await startServer(deps, draft, { signal }));
    await makeTable(draft, deps.log, { signal });
  }
  await rename(draft, published);
  starting.defer(() => rm(published, { force: true }));
  const started = starting.move();
  return { ended: server.ended, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

async function makeTable(socketPath: string, log: Log, options: { signal: AbortSignal }) {
  const client = connectEmbedded(socketPath, { log });
  try {
    return await createMissingTable(client, TABLE_NAME, options);
  } finally {
    client.destroy();
  }
}

async function startServer(
  deps: ServeTableDeps,
  socketPath: string,
  { signal }: { signal: AbortSignal },
): Promise<TableService> {
  const { path, log } = deps;
  await using starting = new AsyncDisposableStack();
  const worker = new Worker(TABLE_SERVER, {
    workerData: { path: join(path, 'table'), socketPath },
    execArgv: [],
    env: {},
  });
  starting.defer(() => stop(worker, deps));
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  await listening(worker, path, { signal });
  worker.on('error', (error) => log.error('the state server failed', { path, reason: messageOf(error) }));
  const started = starting.move();
  return { ended, [Symbol.asyncDispose]: () => started.disposeAsync() };
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

async function stop(worker: Worker, { path, clock, log }: ServeTableDeps): Promise<void> {
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
