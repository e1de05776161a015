import { createConnection } from 'node:net';
import { withTimeLimit } from '../platform/deadline.ts';
import { DeadlineError } from '../platform/errors.ts';
import { untilAborted } from '../platform/until-aborted.ts';
import type { EnsureServed } from './embedded-client.ts';
import { StateError } from './errors.ts';
import { readOwner, tryTakeFolder } from './folder-ownership.ts';
import { type ServeTableDeps, SOCKET, serveTable } from './serve-table.ts';

/** Sees to it that the table is served. Dispose it to give back what this process serves. */
export interface ServerKeeper extends AsyncDisposable {
  readonly ensureServed: EnsureServed;
}

const OPEN_MS = 15_000;
/** Between the looks at a folder that another process has just taken, or is about to give back. */
const LOOK_AGAIN_MS = 20;

/**
 * The process that comes first owns the folder and serves the table; the others are its guests. When the owner is
 * gone, the lock decides which of those that miss it is the next. An owner whose server failed gives the folder back,
 * so that it, or a guest, can start anew.
 */
export function createServerKeeper(deps: ServeTableDeps): ServerKeeper {
  const { path, sockets, clock, log } = deps;
  const closing = new AbortController();
  let owned: AsyncDisposableStack | undefined;
  let givingBack: Promise<void> = Promise.resolve();
  let search: Promise<void> | undefined;

  const giveBack = () => {
    if (owned === undefined) return givingBack;
    givingBack = owned.disposeAsync();
    owned = undefined;
    return givingBack;
  };
  const serveIfFree = async (options: { signal: AbortSignal }) => {
    await using taking = new AsyncDisposableStack();
    const folder = await tryTakeFolder(path, options);
    if (folder === undefined) return;
    taking.use(folder);
    const service = taking.use(await serveTable(deps, options));
    log.debug('this process serves the state', { path });
    owned = taking.move();
    service.ended.then(giveBack).catch(() => undefined);
  };
  const look = async (signal: AbortSignal) => {
    while (owned === undefined) {
      await serveIfFree({ signal });
      if (await isServed(sockets.pathOf(SOCKET))) return;
      await clock.sleep(LOOK_AGAIN_MS, { signal });
    }
  };
  const lookInTime = async () => {
    const limit = { clock, ms: OPEN_MS, what: `opening the state in ${path}`, signal: closing.signal };
    try {
      await withTimeLimit(limit, look);
    } catch (error) {
      throw error instanceof DeadlineError ? await notServed(path) : error;
    } finally {
      search = undefined;
    }
  };
  return {
    async ensureServed({ signal }) {
      closing.signal.throwIfAborted();
      search ??= lookInTime();
      await untilAborted(search, signal);
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new StateError(`The state in ${path} is closed.`, { code: 'unavailable' }));
      await search?.catch(() => undefined);
      await giveBack();
    },
  };
}

async function isServed(socketPath: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = createConnection(socketPath);
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  const served = await promise;
  socket.destroy();
  return served;
}

async function notServed(path: string): Promise<StateError> {
  return new StateError(
    `The state in ${path} belongs to ${await nameOwner(path)}, which does not serve it. ` +
      'End that process: another one takes over.',
    { code: 'unavailable' },
  );
}

/** The owner takes connections, as the kernel does for a process that is stopped, and answers nothing. */
export async function ownerSilent(path: string): Promise<StateError> {
  return new StateError(
    `The state in ${path} belongs to ${await nameOwner(path)}, which does not answer: it is stopped, hangs, or ` +
      'its disk does. End that process, by kill -9 if need be: another one takes over.',
    { code: 'unavailable' },
  );
}

async function nameOwner(path: string): Promise<string> {
  const pid = await readOwner(path);
  if (pid === process.pid) return `this process (${pid})`;
  return pid === undefined ? 'another process' : `process ${pid}`;
}
