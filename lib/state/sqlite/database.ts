import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '../../platform/clock.ts';
import { StateError } from '../errors.ts';
import { lastAcknowledged } from './acknowledged.ts';
import { type Commits, createCommits, lostOf } from './commits.ts';
import { damagedFile, isBusy, translateError } from './errors.ts';
import { damageOfLog } from './log-frames.ts';
import { FILE, LAYOUT, makeMissing } from './make-file.ts';
import { createOperations, type Operations } from './operations.ts';

const BUSY_MS = 10_000;

export const fileIn = (folder: string): string => join(folder, FILE);

/** A connection to the file. */
export interface Connection extends Disposable {
  readonly db: DatabaseSync;
  readonly operations: Operations;
  readonly commits: Commits;
  /** What tells the file from every other one, also when it was repaired; undefined of one from before they had it. */
  readonly id: string | undefined;
  /** False when another file, or none, stands at the path by now: what is written here, nobody finds. */
  isCurrent(): boolean;
}

/**
 * Opens the file and makes it when absent. `synchronous=FULL`: a transaction that is committed is on the disk. No call
 * waits for a lock, because SQLite waits synchronously: see `onceFree`. Throws StateError, `damaged` also where
 * transactions are gone that were acknowledged, or SQLite's own error; `onMade` is called before.
 */
export function openDatabase(folder: string, onMade: () => void = () => undefined): Connection {
  const file = fileIn(folder);
  if (makeMissing(file)) onMade();
  // Before SQLite does, which plays the log up to its first fault and forgets what stands behind.
  const fault = damageOfLog(`${file}-wal`);
  if (fault !== undefined) throw damagedFile(file, fault);
  using opening = new DisposableStack();
  const db = new DatabaseSync(file, { timeout: 0 });
  opening.defer(() => db.close());
  db.exec('PRAGMA synchronous = FULL');
  // So that one big write does not keep the log big for ever.
  db.exec('PRAGMA journal_size_limit = 8388608');
  refuseLayout(db, file);
  const { dev, ino } = statSync(file);
  const operations = createOperations(db, file);
  const commits = createCommits(db);
  const id = refuseLost(folder, commits);
  const opened = opening.move();
  return {
    db,
    operations,
    commits,
    id,
    isCurrent() {
      const now = statSync(file, { throwIfNoEntry: false });
      return now?.ino === ino && now.dev === dev;
    },
    [Symbol.dispose]: () => opened.dispose(),
  };
}

/** Answers what tells the file from others. The notes are read first: others go on writing. */
function refuseLost(folder: string, commits: Commits): string | undefined {
  const id = commits.last()?.file;
  if (id === undefined) return undefined;
  const acknowledged = lastAcknowledged(folder, id);
  const last = commits.last();
  // Another one may have been put in its place meanwhile, of which the next look tells.
  if (last?.file === id && last.number < acknowledged)
    throw damagedFile(fileIn(folder), lostOf(last, acknowledged));
  return id;
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

/** Throws StateError for a file that another vsweep wrote, or nobody. */
export function refuseLayout(db: DatabaseSync, file: string): void {
  const { user_version: layout } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (layout === LAYOUT) return;
  if (layout < LAYOUT) throw damagedFile(file, 'it is empty or cut off');
  throw new StateError(
    `The state file ${file} was written by a newer vsweep (layout ${layout}, and this one reads ${LAYOUT}). Install ` +
      `that version again; or, while no vsweep runs, move it away with its log (mv ${file} ${file}-* <elsewhere>), and ` +
      'vsweep starts without its record of refused logins and host keys.',
    { code: 'refused' },
  );
}
