import type { Log } from '../../platform/log.ts';
import { StateError } from '../errors.ts';
import type { Item, ItemKey } from '../item.ts';
import type { Table } from '../port.ts';
import { type Connection, fileIn, onceFree, openDatabase } from './database.ts';
import { refuseDamaged } from './inspect.ts';
import type { Operations, Write, Written } from './operations.ts';
import { encodeAttributes, toItem, toRow } from './rows.ts';
import { createWriter, type WriterThread } from './writer.ts';

/** The table over a file. Dispose it to close the file. */
export interface SqliteTable extends AsyncDisposable {
  readonly table: Table;
}

/**
 * The state table in the file of a folder, which any number of processes may have open. Reads are done at once, on a
 * connection of this thread: they find pages in memory as a rule, wait for no writer and see all that was committed.
 * Writes go to a thread.
 */
export async function openSqliteTable(
  options: { folder: string; log: Log; onNew: () => void; thread?: WriterThread | undefined },
  { signal }: { signal: AbortSignal },
): Promise<SqliteTable> {
  const { folder, log, onNew, thread } = options;
  const writer = createWriter({ folder, log }, thread);
  let connection: Connection | undefined;
  let generation = 0;
  /** The file that was open last. */
  let known: string | undefined;
  let isMade = false;
  let isClosed = false;
  const refuseClosed = () => {
    if (isClosed) throw new StateError(`The state in ${folder} is closed.`, { code: 'unavailable' });
  };
  const current = (): Connection => {
    refuseClosed();
    if (connection?.isCurrent() === true) return connection;
    connection?.[Symbol.dispose]();
    connection = undefined;
    connection = openChecked(folder, () => {
      isMade = true;
    });
    generation += 1;
    // Whoever made it: each process that had the other one open tells of it.
    if (isMade || (known !== undefined && known !== connection.id)) onNew();
    isMade = false;
    known = connection.id;
    return connection;
  };
  /** Of what is wrong with another file in its place the next read tells. */
  const look = () => {
    try {
      current();
    } catch {
      // As above.
    }
  };
  const read = <T>(work: (operations: Operations) => T, given: { signal: AbortSignal }) =>
    onceFree(folder, () => work(current().operations), given);
  const write = async (order: Write, given: { signal: AbortSignal }) => {
    refuseClosed();
    const written = await writer.write(order, given);
    look();
    return written;
  };
  try {
    await onceFree(folder, current, { signal });
  } catch (error) {
    await writer[Symbol.asyncDispose]();
    throw error;
  }
  const itemOf = ({ row }: Written): Item | undefined => row && toItem(row);

  const table: Table = {
    /** As of the last read or write that was answered. */
    get generation() {
      return generation;
    },
    get: (key, given) => read((operations) => operations.get(key), given),
    getAll: async (keys, given) =>
      keys.length === 0
        ? []
        : await read(({ get }) => keys.map(get).filter((item) => item !== undefined), given),
    query: (from, given) => read((operations) => operations.query(from), given),
    replace: async (item, given) => itemOf(await write({ kind: 'put', row: toRow(item) }, given)),
    putIf: async (condition, item, given) =>
      (await write({ kind: 'put', row: toRow(item), condition }, given)).done,
    async update(key, change, given) {
      const order = { kind: 'update', key: pick(key), change: encodeAttributes(change) } as const;
      return itemOf(await write(order, given)) as Item;
    },
    async updateIf(condition, key, change, given) {
      const order = { kind: 'update', key: pick(key), change: encodeAttributes(change), condition } as const;
      return itemOf(await write(order, given));
    },
    deleteIf: async (condition, key, given) =>
      (await write({ kind: 'delete', key: pick(key), condition }, given)).done,
    async writeAll(writes, given) {
      if (writes.length === 0) return;
      const puts = writes.flatMap((one) => ('put' in one ? [toRow(one.put)] : []));
      const deletes = writes.flatMap((one) => ('delete' in one ? [pick(one.delete)] : []));
      await write({ kind: 'all', puts, deletes }, given);
    },
  };
  return {
    table,
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await writer[Symbol.asyncDispose]();
      connection?.[Symbol.dispose]();
    },
  };
}

/** Once for each file that a process comes upon, before anything of it is believed. */
function openChecked(folder: string, onMade: () => void): Connection {
  using opening = new DisposableStack();
  const connection = opening.use(openDatabase(folder, onMade));
  refuseDamaged(connection.db, fileIn(folder));
  opening.move();
  return connection;
}

const pick = ({ pk, sk }: ItemKey): ItemKey => ({ pk, sk });
