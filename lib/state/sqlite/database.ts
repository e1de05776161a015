import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '../../platform/clock.ts';
import { StateError } from '../errors.ts';
import { isBusy, translateError } from './errors.ts';
import { createOperations, type Operations } from './operations.ts';

/** The file's name in the state folder; SQLite puts `-wal` and `-shm` beside it, of the same mode. */
const FILE = 'state.sqlite';
/** How the file is laid out, as its `user_version`. A change that an older vsweep cannot read raises it. */
const LAYOUT = 1;
const BUSY_MS = 10_000;

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
  const isNew = makeFile(file);
  using opening = new DisposableStack();
  const db = new DatabaseSync(file, { timeout: 0 });
  opening.defer(() => db.close());
  prepareLayout(db, file);
  const { dev, ino } = statSync(file);
  const operations = createOperations(db);
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

/** Made before SQLite does, which would make it for everybody's eyes; and its name is on the disk before its content. */
function makeFile(file: string): boolean {
  if (existsSync(file)) return false;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
  return true;
}

function prepareLayout(db: DatabaseSync, file: string): void {
  db.exec('PRAGMA synchronous = FULL');
  // So that one big write does not keep the log big for ever.
  db.exec('PRAGMA journal_size_limit = 8388608');
  if (layoutOf(db, file) === LAYOUT) return;
  db.exec('PRAGMA journal_mode = WAL');
  db.exec('BEGIN IMMEDIATE');
  try {
    if (layoutOf(db, file) !== LAYOUT) {
      db.exec(
        'CREATE TABLE items (pk TEXT NOT NULL, sk TEXT NOT NULL, item TEXT NOT NULL, sum INTEGER NOT NULL, ' +
          'PRIMARY KEY (pk, sk)) STRICT',
      );
      db.exec(`PRAGMA user_version = ${LAYOUT}`);
    }
    db.exec('COMMIT');
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
}

function layoutOf(db: DatabaseSync, file: string): number {
  const { user_version: layout } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (layout > LAYOUT) {
    throw new StateError(
      `The state file ${file} was written by a newer vsweep (layout ${layout}, and this one reads ${LAYOUT}). ` +
        'Install that version again; or move the file away, and vsweep starts without what it knew of refusals ' +
        'and host keys.',
      { code: 'refused' },
    );
  }
  return layout;
}
