import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StateError } from '../errors.ts';
import { lastAcknowledged, type Transaction } from './acknowledged.ts';
import { isOfCommits, lostOf, toTransaction } from './commits.ts';
import { fileIn, refuseLayout } from './database.ts';
import { isDamage, translateError } from './errors.ts';
import { lockFolder } from './folder-lock.ts';
import { type Inspection, inspect, isSound, nothingLeft } from './inspect.ts';
import { damageOfLog } from './log-frames.ts';
import { acceptLoss, isFlight, lossRow, rowsInPlaceOf } from './losses.ts';
import { makeDatabase, makeDurable, REPAIR_MARK } from './make-file.ts';

const LOCK_MS = 5_000;

/** What a repair did. */
export interface Repair {
  readonly found: Inspection;
  /** Where the damaged file lies now; undefined when nothing was wrong. */
  readonly kept: string | undefined;
}

/** Reads the file of a folder and changes nothing. Throws StateError when there is none, or it cannot be opened. */
export const inspectFile = (folder: string): Inspection =>
  withFile(folder, { readOnly: true }, (db) => judge(db, folder));

/**
 * Where the trees themselves are damaged, a part of them may be missing from both walks without an error, so nobody
 * knows what was in it; nor what was in transactions that are gone. A flight that is lost takes along which hosts may
 * have refused in it.
 */
function judge(db: DatabaseSync, folder: string): Inspection {
  const found = inspect(db);
  const faults = [...found.faults, ...lostTransactions(folder, found)];
  const isKnown = found.knowsAll && faults.length === 0 && !found.lost.some(isFlight);
  return { ...found, faults, knowsAll: isKnown };
}

function lostTransactions(folder: string, found: Inspection): string[] {
  const fault = damageOfLog(`${fileIn(folder)}-wal`);
  if (fault !== undefined) return [fault];
  const last = lastOf(found);
  const acknowledged = last === undefined ? 0 : lastAcknowledged(folder, last.file);
  return last === undefined || last.number >= acknowledged ? [] : [lostOf(last, acknowledged)];
}

function lastOf({ sound }: Inspection): Transaction | undefined {
  const row = sound.find(isOfCommits);
  return row && toTransaction(row);
}

/** Of a new file: it goes on where the damaged one was believed to be, so that no note of that counts against it. */
function countFrom(folder: string, found: Inspection): Transaction | undefined {
  const last = lastOf(found);
  return last && { ...last, number: Math.max(last.number, lastAcknowledged(folder, last.file)) };
}

/**
 * Puts a file in the place of a damaged one, with all that could be read. An account whose history is gone stands there
 * as refused as often as any host allows; where nobody knows which ones are gone, none may be tried until that is
 * accepted. Others may have the file open: they find the new one with their next call. One that was interrupted is
 * brought to its end, or begun anew where the file still stands.
 */
export function repairFile(folder: string, { now }: { now: () => number }): Repair {
  const at = new Date(now()).toISOString();
  if (!existsSync(join(folder, REPAIR_MARK))) refuseMissing(folder);
  using _alone = alone(folder);
  if (existsSync(join(folder, REPAIR_MARK))) {
    if (!existsSync(fileIn(folder))) return { found: nothingLeft('interrupted'), kept: finish(folder, at) };
    // Processes went on writing to the file since: a draft of then would take that back.
    for (const part of partsOf(`${fileIn(folder)}.new`)) rmSync(part, { force: true });
    rmSync(join(folder, REPAIR_MARK));
  }
  return withFile(folder, { readOnly: false }, (db) => {
    const found = judge(db, folder);
    if (isSound(found)) return { found, kept: undefined };
    const lost = found.lost.flatMap((key) => rowsInPlaceOf(key, at));
    const draft = `${fileIn(folder)}.new`;
    for (const part of partsOf(draft)) rmSync(part, { force: true });
    const kept = found.sound.filter((row) => !isOfCommits(row));
    const rows = [...lost, ...kept, ...(found.knowsAll ? [] : [lossRow(at)])];
    makeDatabase(draft, rows, countFrom(folder, found));
    makeDurable(join(folder, REPAIR_MARK), 'w');
    makeDurable(folder, 'r');
    return { found, kept: finish(folder, at) };
  });
}

/** Says that a loss is all right of which nobody knows what it was; false where there is none. */
export function acceptLossIn(folder: string): boolean {
  return withFile(folder, { readOnly: false }, (db) => {
    const accepted = acceptLoss(db);
    if (db.isTransaction) db.exec('COMMIT');
    return accepted;
  });
}

function refuseMissing(folder: string): void {
  const file = fileIn(folder);
  if (existsSync(file)) return;
  const why = `There is no state file ${file}. Use the state.path, the user and the XDG_STATE_HOME of "vsweep run".`;
  throw new StateError(why, { code: 'refused' });
}

/** So that nobody makes a file, or repairs it, at the same time. */
function alone(folder: string): Disposable {
  try {
    return lockFolder(folder, { waitMs: LOCK_MS });
  } catch (error) {
    throw translateError(error, fileIn(folder));
  }
}

/**
 * With nobody writing meanwhile unless it is `readOnly`, where the file is still good enough for a lock. SQLite plays
 * the log into the file and removes it when the last connection is closed that may write: what is damaged in it would
 * be gone. So the last one that is closed here may only read.
 */
function withFile<T>(folder: string, { readOnly }: { readOnly: boolean }, work: (db: DatabaseSync) => T): T {
  refuseMissing(folder);
  const file = fileIn(folder);
  try {
    using opened = new DisposableStack();
    const open = (how: { readOnly: boolean }) =>
      opened.adopt(new DatabaseSync(file, { ...how, timeout: LOCK_MS }), (db) => db.close());
    const last = hasLog(file) ? open({ readOnly: true }) : undefined;
    const db = (readOnly ? last : undefined) ?? open({ readOnly: false });
    try {
      // It is one of those that have the file open only once it has read.
      refuseLayout(last ?? db, file);
      db.exec(readOnly ? 'BEGIN' : 'BEGIN IMMEDIATE');
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
    return work(db);
  } catch (error) {
    throw translateError(error, file);
  }
}

const hasLog = (file: string): boolean => (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;

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
