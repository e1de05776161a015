import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StateError } from '../errors.ts';
import { fileIn, refuseLayout } from './database.ts';
import { isDamage, translateError } from './errors.ts';
import { type Inspection, inspect, isSound, nothingLeft } from './inspect.ts';
import { acceptLoss, isFlight, lossRow, rowsInPlaceOf } from './losses.ts';
import { makeDatabase, makeDurable, REPAIR_MARK } from './make-file.ts';

/** What a repair did. */
export interface Repair {
  readonly found: Inspection;
  /** Where the damaged file lies now; undefined when nothing was wrong. */
  readonly kept: string | undefined;
}

/** Reads the file of a folder and changes nothing. Throws StateError when there is none, or it cannot be opened. */
export const inspectFile = (folder: string): Inspection => withFile(folder, judge);

/**
 * Where the trees themselves are damaged, a part of them may be missing from both walks without an error, so nobody
 * knows what was in it. A flight that is lost takes along which hosts may have refused in it.
 */
function judge(db: DatabaseSync): Inspection {
  const found = inspect(db);
  const isKnown = found.knowsAll && found.faults.length === 0 && !found.lost.some(isFlight);
  return { ...found, knowsAll: isKnown };
}

/**
 * Puts a file in the place of a damaged one, with all that could be read. An account whose history is gone stands there
 * as refused as often as any host allows; where nobody knows which ones are gone, none may be tried until that is
 * accepted. Others may have the file open: they find the new one with their next call. One that was interrupted is
 * brought to its end, or begun anew where the file still stands.
 */
export function repairFile(folder: string, { now }: { now: () => number }): Repair {
  const at = new Date(now()).toISOString();
  if (existsSync(join(folder, REPAIR_MARK))) {
    if (!existsSync(fileIn(folder))) return { found: nothingLeft('interrupted'), kept: finish(folder, at) };
    // Processes went on writing to the file since: a draft of then would take that back.
    for (const part of partsOf(`${fileIn(folder)}.new`)) rmSync(part, { force: true });
    rmSync(join(folder, REPAIR_MARK));
  }
  return withFile(folder, (db) => {
    const found = judge(db);
    if (isSound(found)) return { found, kept: undefined };
    const lost = found.lost.flatMap((key) => rowsInPlaceOf(key, at));
    const draft = `${fileIn(folder)}.new`;
    for (const part of partsOf(draft)) rmSync(part, { force: true });
    makeDatabase(draft, [...lost, ...found.sound, ...(found.knowsAll ? [] : [lossRow(at)])]);
    makeDurable(join(folder, REPAIR_MARK), 'w');
    makeDurable(folder, 'r');
    return { found, kept: finish(folder, at) };
  });
}

/** Says that a loss is all right of which nobody knows what it was; false where there is none. */
export function acceptLossIn(folder: string): boolean {
  return withFile(folder, (db) => {
    const accepted = acceptLoss(db);
    if (db.isTransaction) db.exec('COMMIT');
    return accepted;
  });
}

/** With nobody writing meanwhile, where the file is still good enough for a lock. */
function withFile<T>(folder: string, work: (db: DatabaseSync) => T): T {
  const file = fileIn(folder);
  if (!existsSync(file)) {
    const why = `There is no state file ${file}. Is this the state.path, the user and the XDG_STATE_HOME of vsweep run?`;
    throw new StateError(why, { code: 'refused' });
  }
  try {
    using opened = new DisposableStack();
    const db = new DatabaseSync(file, { timeout: 5_000 });
    opened.defer(() => db.close());
    try {
      refuseLayout(db, file);
      db.exec('BEGIN IMMEDIATE');
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
    return work(db);
  } catch (error) {
    throw translateError(error, file);
  }
}

/** SQLite would play the old log back into a new file, so both are moved first; the mark stands until all is done. */
function finish(folder: string, at: string): string {
  const file = fileIn(folder);
  const kept = join(folder, `damaged-${at.replaceAll(':', '')}`);
  if (existsSync(`${file}.new`)) {
    mkdirSync(kept, { recursive: true, mode: 0o700 });
    for (const part of partsOf(file)) if (existsSync(part)) renameSync(part, join(kept, basename(part)));
    renameSync(`${file}.new`, file);
  }
  rmSync(join(folder, REPAIR_MARK));
  makeDurable(folder, 'r');
  return kept;
}

const partsOf = (file: string): string[] => [file, `${file}-wal`, `${file}-shm`];
