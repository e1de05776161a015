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
 * Throws StateError, or SQLite's own error, where table and index do not agree: an item whose entry in the index is
 * damaged is not found, and would count as one that never was. Some 20 ms for 20,000 items.
 */
export function refuseDamaged(db: DatabaseSync, file: string): void {
  const [fault] = db.prepare('PRAGMA integrity_check(1)').all() as { integrity_check: string }[];
  if (fault?.integrity_check !== 'ok')
    throw damagedFile(file, fault?.integrity_check ?? 'it cannot be checked');
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
