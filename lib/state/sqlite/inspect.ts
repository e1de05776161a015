import type { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../../platform/errors.ts';
import type { ItemKey } from '../item.ts';
import { codeOf, damagedFile, isDamage } from './errors.ts';
import { isOfAccounts } from './losses.ts';
import { type Row, toItem } from './rows.ts';

/** What is left of a file. */
export interface Inspection {
  /** The rows that are as they were written. */
  readonly sound: readonly Row[];
  /** Items whose keys are known and whose content is gone. */
  readonly lost: readonly ItemKey[];
  /** Whether no item can be gone without a trace. */
  readonly knowsAll: boolean;
  /** What is wrong with the file and its log: SQLite's own words, 10 at most, and ours. */
  readonly faults: readonly string[];
}

export const isSound = ({ lost, knowsAll, faults }: Inspection): boolean =>
  lost.length === 0 && knowsAll && faults.length === 0;

/** Of a file that cannot be opened at all. */
export const nothingLeft = (error: unknown): Inspection => ({
  sound: [],
  lost: [],
  knowsAll: false,
  faults: [messageOf(error)],
});

/**
 * Items that their index does not lead to. What was accepted last (`proven#`) is left out: where that is not found, an
 * attempt is put on record before the next login, and that is all.
 */
const NOT_FOUND = `
  SELECT t.pk FROM items AS t NOT INDEXED
  WHERE NOT (t.pk >= 'proven#' AND t.pk < 'proven$') AND NOT EXISTS (
    SELECT 1 FROM items AS i INDEXED BY sqlite_autoindex_items_1
    WHERE i.pk = t.pk AND i.sk = t.sk AND i.rowid = t.rowid
  ) LIMIT 1`;

/**
 * Throws StateError, or SQLite's own error, where the index does not lead to an item: that one would count as one that
 * never was. One that the index has and the table has not is an error where it is read. All else that `integrity_check`
 * looks at, at twice the cost, makes nothing absent: some 7 ms for 10,000 proven accounts and as many host keys.
 */
export function refuseDamaged(db: DatabaseSync, file: string): void {
  if (db.prepare(NOT_FOUND).get() !== undefined)
    throw damagedFile(file, 'an item of its table is missing in its index');
}

/**
 * Reads whatever can be read. The keys stand twice, in the table and in its index: where one of the two is whole, it
 * names what the other one has lost. A history that stands there twice was not found when it was written again: nobody
 * knows then which of the two is right, nor what else was not found.
 */
export function inspect(db: DatabaseSync): Inspection {
  const table = walk(db, 'items NOT INDEXED', ['rowid']);
  const index = walk(db, 'items INDEXED BY sqlite_autoindex_items_1', ['pk', 'sk']);
  const sound = new Map<string, Row>();
  const lost = new Map<string, ItemKey>();
  const rowids = new Map<string, number>();
  const twice = new Map<string, ItemKey>();
  for (const [rowid, key] of [...table.keys, ...index.keys]) {
    // What stands under the number may be another item, where the number was damaged.
    lost.set(idOf(key), key);
    const row = readSound(db, rowid);
    if (row === undefined) continue;
    const id = idOf(row);
    if (isOfAccounts(row.pk) && (rowids.get(id) ?? rowid) !== rowid) twice.set(id, row);
    rowids.set(id, rowid);
    sound.set(id, row);
  }
  for (const id of twice.keys()) sound.delete(id);
  for (const id of sound.keys()) lost.delete(id);
  return {
    sound: [...sound.values()],
    lost: [...lost.values()],
    knowsAll:
      twice.size === 0 &&
      ((index.isWhole && isWithin(table.keys, index.keys)) ||
        (table.isWhole && isWithin(index.keys, table.keys))),
    faults: faultsOf(db),
  };
}

/** The keys by their rowid, from both ends as far as they can be read. */
function walk(db: DatabaseSync, source: string, order: readonly string[]) {
  const keys = new Map<number, ItemKey>();
  const collect = (direction: 'ASC' | 'DESC'): boolean => {
    const by = order.map((column) => `${column} ${direction}`).join(', ');
    try {
      const entries = db.prepare(`SELECT rowid, pk, sk FROM ${source} ORDER BY ${by}`).iterate();
      for (const { rowid, pk, sk } of entries as Iterable<ItemKey & { rowid: number }>) {
        keys.set(rowid, { pk: String(pk), sk: String(sk) });
      }
      return true;
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      return false;
    }
  };
  const isWhole = collect('ASC');
  if (!isWhole) collect('DESC');
  return { keys, isWhole };
}

const idOf = ({ pk, sk }: ItemKey): string => JSON.stringify([pk, sk]);

const isWithin = (some: ReadonlyMap<number, unknown>, all: ReadonlyMap<number, unknown>): boolean =>
  [...some.keys()].every((rowid) => all.has(rowid));

function readSound(db: DatabaseSync, rowid: number): Row | undefined {
  try {
    const row = db.prepare('SELECT pk, sk, item, sum FROM items WHERE rowid = ?').get(rowid) as
      | Row
      | undefined;
    if (row !== undefined) toItem(row);
    return row;
  } catch (error) {
    if (codeOf(error) === undefined && !isDamage(error)) throw error;
    return undefined;
  }
}

function faultsOf(db: DatabaseSync): string[] {
  try {
    const found = db.prepare('PRAGMA integrity_check(10)').all() as { integrity_check: string }[];
    const { journal_mode: mode } = db.prepare('PRAGMA journal_mode').get() as { journal_mode: string };
    return [
      ...found.map(({ integrity_check: fault }) => fault).filter((fault) => fault !== 'ok'),
      ...(mode === 'wal' ? [] : [`the journal mode is ${mode}`]),
    ];
  } catch (error) {
    return [messageOf(error)];
  }
}
