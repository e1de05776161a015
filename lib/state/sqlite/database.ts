import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '../../platform/clock.ts';
import { StateError } from '../errors.ts';
import { damagedFile, isBusy, translateError } from './errors.ts';
import { createOperations, type Operations } from './operations.ts';
import type { Row } from './rows.ts';

/** The file's name in the state folder; SQLite puts `-wal` and `-shm` beside it, of the same mode. */
const FILE = 'state.sqlite';
/** How the file is laid out, as its `user_version`. A change that an older vsweep cannot read raises it. */
const LAYOUT = 1;
const BUSY_MS = 10_000;
/** Stands while a damaged file is replaced. */
export const REPAIR_MARK = 'repair-under-way';

export const fileIn = (folder: string): string => join(folder, FILE);

/** A connection to the file. */
export interface Connection extends Disposable {
  readonly db: DatabaseSync;
  readonly operations: Operations;
  /** Whether there was no file before this call. */
  readonly isNew: boolean;
  /** False when another file, or none, stands at the path by now: what is written here, nobody finds. */
  isCurrent(): boolean;
}

/**
 * Opens the file and makes it when absent. `synchronous=FULL`: a transaction that is committed is on the disk. No call
 * waits for a lock, because SQLite waits synchronously: see `onceFree`. Throws StateError, or SQLite's own error.
 */
export function openDatabase(folder: string): Connection {
  const file = fileIn(folder);
  const isNew = makeMissing(file);
  using opening = new DisposableStack();
  const db = new DatabaseSync(file, { timeout: 0 });
  opening.defer(() => db.close());
  db.exec('PRAGMA synchronous = FULL');
  // So that one big write does not keep the log big for ever.
  db.exec('PRAGMA journal_size_limit = 8388608');
  refuseLayout(db, file);
  const { dev, ino } = statSync(file);
  const operations = createOperations(db, file);
  const opened = opening.move();
  return {
    db,
    operations,
    isNew,
    isCurrent() {
      const now = statSync(file, { throwIfNoEntry: false });
      return now?.ino === ino && now.dev === dev;
    },
    [Symbol.dispose]: () => opened.dispose(),
  };
}

/** Does the work as soon as no other process is in its way, in 10 s at most. Throws StateError, or the signal's reason. */
export async function onceFree<T>(
  folder: string,
  work: () => T,
  { signal }: { signal: AbortSignal },
): Promise<T> {
  const end = systemClock.monotonic() + BUSY_MS;
  for (let tries = 0; ; tries += 1) {
    signal.throwIfAborted();
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || systemClock.monotonic() > end) throw translateError(error, fileIn(folder));
    }
    // Of different lengths, so that two who wait do not always meet.
    await systemClock.sleep(1 + (tries % 4), { signal });
  }
}

/**
 * Makes the file under another name and links it in place when it is whole: who finds an empty one knows that it was
 * damaged. It is locked until the log of the file that stood there before is out of the way, because SQLite would play
 * that into the new one. False when another process was faster.
 */
function makeMissing(file: string): boolean {
  if (existsSync(file)) return false;
  const folder = dirname(file);
  if (existsSync(join(folder, REPAIR_MARK))) throw unfinishedRepair(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const drafts = mkdtempSync(join(folder, '.new-'));
  try {
    const draft = join(drafts, FILE);
    makeDatabase(draft, []);
    using _locked = lockForOne(draft);
    linkSync(draft, file);
    setLogAside(file);
    makeDurable(folder, 'r');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(drafts, { recursive: true, force: true });
  }
}

/** Whoever opens the file under any name finds it busy, and has looked at no log by then. */
function lockForOne(file: string): Disposable {
  const db = new DatabaseSync(file, { timeout: 0 });
  using opening = new DisposableStack();
  opening.defer(() => db.close());
  db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT');
  return opening.move();
}

/** Keeps what was written last to a file that went without its log. */
function setLogAside(file: string): void {
  const left = [`${file}-wal`, `${file}-shm`].filter((part) => existsSync(part));
  if (left.length === 0) return;
  const kept = mkdtempSync(join(dirname(file), 'left-'));
  for (const part of left) renameSync(part, join(kept, basename(part)));
}

/** Makes a new file of mode 0600 with these rows, whole and on the disk. */
export function makeDatabase(file: string, rows: readonly Row[]): void {
  makeDurable(file, 'wx');
  const db = new DatabaseSync(file);
  try {
    db.exec('PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL; BEGIN IMMEDIATE');
    db.exec(
      'CREATE TABLE items (pk TEXT NOT NULL, sk TEXT NOT NULL, item TEXT NOT NULL, sum INTEGER NOT NULL, ' +
        'PRIMARY KEY (pk, sk)) STRICT',
    );
    const put = db.prepare('INSERT OR REPLACE INTO items (pk, sk, item, sum) VALUES (?, ?, ?, ?)');
    for (const { pk, sk, item, sum } of rows) put.run(pk, sk, item, sum);
    db.exec(`PRAGMA user_version = ${LAYOUT}; COMMIT`);
  } finally {
    // The last connection writes the log into the file.
    db.close();
  }
}

/** Opens a file or folder and has the disk take what is in it; `wx` makes the file. */
export function makeDurable(path: string, flags: 'r' | 'w' | 'wx'): void {
  const descriptor = openSync(path, flags, 0o600);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Throws StateError for a file that another vsweep wrote, or nobody. */
export function refuseLayout(db: DatabaseSync, file: string): void {
  const { user_version: layout } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (layout === LAYOUT) return;
  if (layout < LAYOUT) throw damagedFile(file, 'it is empty or cut off');
  throw new StateError(
    `The state file ${file} was written by a newer vsweep (layout ${layout}, and this one reads ${LAYOUT}). Install ` +
      `that version again; or, while no vsweep runs, move it away with its log (mv ${file} ${file}-* <elsewhere>), and ` +
      'vsweep starts without what it knew of refusals and host keys.',
    { code: 'refused' },
  );
}

const unfinishedRepair = (file: string): StateError =>
  new StateError(`The repair of the state file ${file} was interrupted. Run it again: vsweep state repair`, {
    code: 'refused',
  });
