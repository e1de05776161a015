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
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StateError } from '../errors.ts';
import type { Transaction } from './acknowledged.ts';
import { commitsRow, newFile } from './commits.ts';
import { lockFolder } from './folder-lock.ts';
import type { Row } from './rows.ts';

/** The file's name in the state folder; SQLite puts `-wal` and `-shm` beside it, of the same mode. */
export const FILE = 'state.sqlite';
/** How the file is laid out, as its `user_version`. A change that an older vsweep cannot read raises it. */
export const LAYOUT = 1;
/** Stands while a damaged file is replaced. */
export const REPAIR_MARK = 'repair-under-way';

/**
 * Makes the file under another name and links it in place when it is whole: who finds an empty one knows that it was
 * damaged. Before, the log of the file that stood there is moved out of the way, because SQLite would play that into
 * the new one; at whatever point this process is killed, there is no file beside an old log. False when there was a
 * file. Throws SQLite's busy error while another process makes or repairs it.
 */
export function makeMissing(file: string): boolean {
  if (existsSync(file)) return false;
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  using _alone = lockFolder(folder);
  if (existsSync(file)) return false;
  if (existsSync(join(folder, REPAIR_MARK))) throw unfinishedRepair(file);
  const drafts = mkdtempSync(join(folder, '.new-'));
  try {
    const draft = join(drafts, FILE);
    makeDatabase(draft, []);
    setLogAside(file);
    linkSync(draft, file);
    makeDurable(folder, 'r');
    return true;
  } finally {
    rmSync(drafts, { recursive: true, force: true });
  }
}

/** Keeps what was written last to a file that went without its log. */
function setLogAside(file: string): void {
  const left = [`${file}-wal`, `${file}-shm`].filter((part) => existsSync(part));
  if (left.length === 0) return;
  const kept = mkdtempSync(join(dirname(file), 'left-'));
  for (const part of left) renameSync(part, join(kept, basename(part)));
}

/** Makes a new file of mode 0600 with these rows, whole and on the disk, whose transactions are counted on from `from`. */
export function makeDatabase(file: string, rows: readonly Row[], from: Transaction = newFile()): void {
  makeDurable(file, 'wx');
  const db = new DatabaseSync(file);
  try {
    db.exec('PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL; BEGIN IMMEDIATE');
    db.exec(
      'CREATE TABLE items (pk TEXT NOT NULL, sk TEXT NOT NULL, item TEXT NOT NULL, sum INTEGER NOT NULL, ' +
        'PRIMARY KEY (pk, sk)) STRICT',
    );
    const put = db.prepare('INSERT OR REPLACE INTO items (pk, sk, item, sum) VALUES (?, ?, ?, ?)');
    for (const { pk, sk, item, sum } of [...rows, commitsRow(from)]) put.run(pk, sk, item, sum);
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

const unfinishedRepair = (file: string): StateError =>
  new StateError(`The repair of the state file ${file} was interrupted. Run it again: vsweep state repair`, {
    code: 'refused',
  });
