import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { applyChange, type Change, type Condition, holds } from '../conditions.ts';
import type { Item, ItemKey } from '../item.ts';
import type { QueryOfItems } from '../port.ts';
import { createLossGate } from './losses.ts';
import { decodeAttributes, type Row, toItem, toRow } from './rows.ts';

/** A write as it goes to the writer's thread; puts bring their row, so that the thread does not make it again. */
export type Write =
  | { readonly kind: 'put'; readonly row: Row; readonly condition?: Condition }
  | { readonly kind: 'delete'; readonly key: ItemKey; readonly condition?: Condition }
  /** The change as JSON of `encodeAttributes`. */
  | {
      readonly kind: 'update';
      readonly key: ItemKey;
      readonly change: string;
      readonly condition?: Condition;
    }
  | { readonly kind: 'all'; readonly puts: readonly Row[]; readonly deletes: readonly ItemKey[] };

/** `row`: that before a put, that after an update. */
export interface Written {
  readonly done: boolean;
  readonly row?: Row;
}

/** What is done to the items of an open file, each call at once and in the transaction that is open. */
export interface Operations {
  get(key: ItemKey): Item | undefined;
  query(from: QueryOfItems): Item[];
  write(write: Write): Written;
}

export function createOperations(db: DatabaseSync, file: string): Operations {
  const gate = createLossGate(db, file);
  const find = db.prepare('SELECT pk, sk, item, sum FROM items WHERE pk = ? AND sk = ?');
  const from = db.prepare('SELECT pk, sk, item, sum FROM items WHERE pk = ? AND sk >= ? ORDER BY sk');
  const upsert = db.prepare(
    'INSERT INTO items (pk, sk, item, sum) VALUES (?, ?, ?, ?) ' +
      'ON CONFLICT (pk, sk) DO UPDATE SET item = excluded.item, sum = excluded.sum',
  );
  const drop = db.prepare('DELETE FROM items WHERE pk = ? AND sk = ?');

  const rowOf = ({ pk, sk }: ItemKey) => find.get(pk, sk) as Row | undefined;
  const put = ({ pk, sk, item, sum }: Row) => void upsert.run(pk, sk, item, sum);
  const remove = ({ pk, sk }: ItemKey) => void drop.run(pk, sk);
  const isAllowed = (condition: Condition | undefined, row: Row | undefined) =>
    condition === undefined || holds(condition, row && toItem(row));

  return {
    get(key) {
      gate.refuse(key.pk);
      const row = rowOf(key);
      return row && toItem(row);
    },
    query(of) {
      gate.refuse(of.pk);
      return readRows(from, of).map((row) => pick(toItem(row), of.only));
    },
    write(write) {
      if (write.kind === 'all') {
        for (const row of write.puts) put(row);
        for (const key of write.deletes) remove(key);
        return { done: true };
      }
      const key = write.kind === 'put' ? write.row : write.key;
      const before = rowOf(key);
      if (!isAllowed(write.condition, before)) return { done: false };
      if (write.kind === 'delete') {
        remove(key);
        return { done: true };
      }
      if (write.kind === 'put') {
        put(write.row);
        return before === undefined ? { done: true } : { done: true, row: before };
      }
      const { pk, sk } = key;
      const after = toRow(applyChange(before ? toItem(before) : { pk, sk }, toChange(write.change)));
      put(after);
      return { done: true, row: after };
    },
  };
}

const toChange = (json: string) => decodeAttributes(json) as Change;

/** SQLite compares texts byte by byte, as DynamoDB does. */
function readRows(statement: StatementSync, { pk, skPrefix = '', skRange }: QueryOfItems): Row[] {
  const [first, last] = skRange ?? [skPrefix, undefined];
  const end = last === undefined ? undefined : Buffer.from(last);
  const rows: Row[] = [];
  for (const row of statement.iterate(pk, first) as Iterable<Row>) {
    // Of a damaged row the key may be of any type and any value.
    const key = String(row.sk);
    const isBeyond =
      end === undefined ? !key.startsWith(skPrefix) : Buffer.compare(Buffer.from(key), end) > 0;
    if (isBeyond) {
      // Else what comes behind a damaged key would be absent without a word.
      toItem(row);
      break;
    }
    rows.push(row);
  }
  return rows;
}

const pick = (item: Item, only: readonly string[] = []): Item =>
  only.length === 0
    ? item
    : (Object.fromEntries(only.filter((name) => name in item).map((name) => [name, item[name]])) as Item);
