import { getCompileCacheDir } from 'node:module';
import { dirname, extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { systemClock } from '../../platform/clock.ts';
import { withTimeLimit } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { untilAborted } from '../../platform/until-aborted.ts';
import { StateError, type StateErrorCode } from '../errors.ts';
import { fileIn } from './database.ts';
import type { Write, Written } from './operations.ts';

/** What the writer's thread is told, first of all in which folder its file is. */
export type ToWriter =
  | { readonly folder: string }
  | { readonly id: number; readonly write: Write }
  /** Nobody waits for it any more: it is not begun, if it was not. */
  | { readonly cancel: number }
  | { readonly close: true };

/** What it answers, a list for each transaction. */
export type Answer =
  | { readonly id: number; readonly written: Written }
  | { readonly id: number; readonly failed: { readonly message: string; readonly code: StateErrorCode } };

/** Writes to the state file in a thread. Dispose it when all writes are answered. */
export interface Writer extends AsyncDisposable {
  /** Resolves when it is on the disk. Rejects with StateError, or the signal's reason: then nobody knows. */
  write(write: Write, options: { signal: AbortSignal }): Promise<Written>;
}

/** It is './writer-thread.ts' in the sources (by this name the mutation tool knows it), and JavaScript when built. */
const THREAD = new URL(`writer-thread${extname(import.meta.filename)}`, import.meta.url);
/** Longer than the thread waits for other processes. */
const SILENT_MS = 20_000;
const CLOSE_MS = 10_000;

type Settle = Pick<PromiseWithResolvers<Written>, 'resolve' | 'reject'>;

/** The thread starts with the first write, unless there is one already: a command that only reads has none. */
export function createWriter(of: { folder: string; log: Log }, started?: WriterThread): Writer {
  const { folder } = of;
  let thread = started?.serve(of);
  const current = () => {
    if (thread === undefined || thread.isOver()) thread = startWriterThread().serve(of);
    return thread;
  };
  return {
    async write(write, { signal }) {
      signal.throwIfAborted();
      const what = `the disk of ${fileIn(folder)}`;
      try {
        return await withTimeLimit({ clock: systemClock, ms: SILENT_MS, what, signal }, (limited) =>
          current().send(write, { signal: limited }),
        );
      } catch (error) {
        signal.throwIfAborted();
        throw error instanceof StateError ? error : silentDisk(folder, error);
      }
    },
    async [Symbol.asyncDispose]() {
      await thread?.close();
    },
  };
}

/** Of the environment a thread has only where Node keeps what it compiled: half of its start is to compile. */
function environmentOfThread(): Record<string, string> {
  const cache = getCompileCacheDir();
  // Node adds a folder of its own version to the one that it is told.
  return cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) };
}

/**
 * Starts a thread for a first write that comes soon, which would wait for it: 45 ms. Whoever knows that it writes starts
 * it before it knows where. Disposing it ends it, unless it serves a writer.
 */
export function startWriterThread(): WriterThread {
  const worker = new Worker(THREAD, { execArgv: [], env: environmentOfThread() });
  const exited = Promise.withResolvers<void>();
  let isOver = false;
  let failure: unknown;
  let isServing = false;
  let tellFailure = (error: unknown) => {
    failure = error;
  };
  worker.on('error', (error) => tellFailure(error));
  worker.on('exit', () => {
    isOver = true;
    exited.resolve();
  });
  return {
    serve(of) {
      isServing = true;
      tellFailure = (error) => of.log.error('the writer of the state failed', { reason: messageOf(error) });
      if (failure !== undefined) tellFailure(failure);
      worker.postMessage({ folder: of.folder } satisfies ToWriter);
      return serveWith({ worker, exited: exited.promise, isOver: () => isOver }, of);
    },
    [Symbol.dispose]() {
      if (!isServing) void worker.terminate();
    },
  };
}

interface ServingThread {
  isOver(): boolean;
  send(write: Write, options: { signal: AbortSignal }): Promise<Written>;
  close(): Promise<void>;
}

export interface WriterThread extends Disposable {
  serve(of: { folder: string; log: Log }): ServingThread;
}

function serveWith(
  { worker, exited, isOver }: { worker: Worker; exited: Promise<void>; isOver: () => boolean },
  { folder, log }: { folder: string; log: Log },
): ServingThread {
  const pending = new Map<number, Settle>();
  let lastId = 0;
  worker.on('message', (answers: readonly Answer[]) => {
    for (const answer of answers) {
      const settle = pending.get(answer.id);
      pending.delete(answer.id);
      if ('written' in answer) settle?.resolve(answer.written);
      else settle?.reject(new StateError(answer.failed.message, { code: answer.failed.code }));
    }
  });
  worker.on('exit', () => {
    for (const { reject } of pending.values()) reject(lostWriter(folder));
    pending.clear();
  });
  const tell = (message: ToWriter) => worker.postMessage(message);
  return {
    isOver,
    async send(write: Write, { signal }: { signal: AbortSignal }): Promise<Written> {
      lastId += 1;
      const id = lastId;
      const { promise, ...settle } = Promise.withResolvers<Written>();
      pending.set(id, settle);
      tell({ id, write });
      try {
        return await untilAborted(promise, signal);
      } finally {
        if (pending.delete(id)) tell({ cancel: id });
      }
    },
    async close() {
      if (isOver()) return;
      const limit = { clock: systemClock, ms: CLOSE_MS, what: 'closing the state' };
      try {
        await withTimeLimit({ ...limit, signal: new AbortController().signal }, (signal) => {
          tell({ close: true });
          return untilAborted(exited, signal);
        });
      } catch (error) {
        log.warn('the state could not be closed cleanly', { path: folder, reason: messageOf(error) });
        await worker.terminate();
      }
    },
  };
}

const lostWriter = (folder: string): StateError =>
  new StateError(
    `The writer of the state file ${fileIn(folder)} ended during a write. It restarts with the next ` +
      'write; see the log for the cause.',
    { code: 'unavailable' },
  );

const silentDisk = (folder: string, cause: unknown): StateError =>
  new StateError(
    `The state file ${fileIn(folder)} finished no write for ${SILENT_MS / 1_000} s. Check its disk: it hangs or is ` +
      'overloaded.',
    { code: 'unavailable', cause },
  );
