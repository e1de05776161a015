import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { ItemKey } from '../item.ts';
import type { Transaction } from './acknowledged.ts';
import { damagedItem } from './errors.ts';
import { type Row, toItem, toRow } from './rows.ts';

/** Counts the transactions of a file, in the file itself. */
const KEY: ItemKey = { pk: 'commits', sk: 'last' };

export interface Commits {
  /** The last one that the file has, by the transaction that is open; `undefined` of a file from before they were counted. */
  last(): Transaction | undefined;
  /** Counts the transaction that is open. */
  count(): Transaction;
}

export function createCommits(db: DatabaseSync): Commits {
  const find = db.prepare('SELECT pk, sk, item, sum FROM items WHERE pk = ? AND sk = ?');
  const put = db.prepare('INSERT OR REPLACE INTO items (pk, sk, item, sum) VALUES (?, ?, ?, ?)');
  const last = () => {
    const row = find.get(KEY.pk, KEY.sk) as Row | undefined;
    return row && toTransaction(row);
  };
  return {
    last,
    count() {
      const { file, number } = last() ?? newFile();
      const next = { file, number: number + 1 };
      const { pk, sk, item, sum } = commitsRow(next);
      put.run(pk, sk, item, sum);
      return next;
    },
  };
}

/** Of a file that is made. */
export const newFile = (): Transaction => ({ file: randomBytes(8).toString('hex'), number: 0 });

export const commitsRow = (transaction: Transaction): Row => toRow({ ...KEY, ...transaction });

export const isOfCommits = ({ pk, sk }: ItemKey): boolean => pk === KEY.pk && sk === KEY.sk;

export function toTransaction(row: Row): Transaction {
  const { file, number } = toItem(row);
  if (typeof file !== 'string' || typeof number !== 'number') throw damagedItem(KEY);
  return { file, number };
}

/** What is wrong with a file that lacks transactions of which somebody was told that they are on the disk. */
export const lostOf = ({ number }: Transaction, acknowledged: number): string =>
  `its last transaction is ${number}, but transaction ${acknowledged} was written: its log (-wal) was removed or ` +
  'damaged, or an older file was put in its place';
