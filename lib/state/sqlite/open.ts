import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { Table } from '../port.ts';
import { makePrivateFolder } from '../private-folder.ts';
import { fileIn, onceFree } from './database.ts';
import { type Kernel, markKernel, thisKernel } from './one-kernel.ts';
import { openSqliteTable } from './table.ts';
import { refuseUnusable } from './usable-folder.ts';
import type { WriterThread } from './writer.ts';

/** The state table on this machine's disk. Dispose it to close the file. */
export interface EmbeddedState extends AsyncDisposable {
  readonly table: Table;
}

/**
 * Opens the state in the folder `path` and makes it when absent. Any number of processes of one kernel may; SQLite's
 * locks are between them. Throws StateError when folder or file cannot be used, or were damaged.
 */
export async function openEmbeddedState(
  options: {
    path: string;
    log: Log;
    /** Of someone who is about to write; it serves this state from now on. */
    thread?: WriterThread | undefined;
    kernel?: Kernel;
    fileSystemType?: (path: string) => number;
  },
  { signal }: { signal: AbortSignal },
): Promise<EmbeddedState> {
  const { path, log, thread, kernel = thisKernel(), fileSystemType } = options;
  makePrivateFolder(path, { signal });
  refuseUnusable(path, fileSystemType === undefined ? {} : { typeOf: fileSystemType });
  const isOld = existsSync(join(path, 'version.key'));
  await using opening = new AsyncDisposableStack();
  const mark = () => markKernel(path, { kernel, clock: systemClock, randomId: randomUUID });
  opening.use(await onceFree(path, mark, { signal }));
  let isOpen = false;
  const onNew = () => {
    if (isOpen || isOld) tellLoss(log, path);
  };
  const { table } = opening.use(await openSqliteTable({ folder: path, log, onNew, thread }, { signal }));
  isOpen = true;
  const opened = opening.move();
  return { table, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** The file went, under the hands of this process or while none ran. */
const tellLoss = (log: Log, path: string): void =>
  log.warn(
    'the state file was missing and is created anew, without the earlier record of refused logins and host keys. Correct ' +
      'accounts that were refused, before the next run starts',
    { file: fileIn(path) },
  );
