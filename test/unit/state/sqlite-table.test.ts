import { copyFileSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLineLog, silentLog } from '../../../lib/platform/log.ts';
import { StateError } from '../../../lib/state/errors.ts';
import { makeDatabase } from '../../../lib/state/sqlite/make-file.ts';
import { toRow } from '../../../lib/state/sqlite/rows.ts';
import { openSqliteTable } from '../../../lib/state/sqlite/table.ts';
import { createWriter, type WriterThread } from '../../../lib/state/sqlite/writer.ts';

const o = { signal: new AbortController().signal };
const KEY = { pk: 'p', sk: 's' };

let folder = '';
let file = '';
let told = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vsweep-table-'));
  file = join(folder, 'state.sqlite');
  told = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

const onNew = () => {
  told += 1;
};
const open = () => openSqliteTable({ folder, log: silentLog, onNew }, o);

describe('the table over a file', () => {
  it('tells of a file that it made, or that another one made in the place of its own, and of no other', async () => {
    {
      await using made = await open();
      expect([told, made.table.generation]).toEqual([1, 1]);
    }
    await using opened = await open();
    expect(await opened.table.get(KEY, o)).toBeUndefined();
    expect([told, opened.table.generation]).toEqual([1, 1]);
    // The same file, as one that was copied to another disk.
    copyFileSync(file, `${file}.copy`);
    renameSync(`${file}.copy`, file);
    await opened.table.get(KEY, o);
    expect([told, opened.table.generation]).toEqual([1, 2]);
    makeDatabase(`${file}.copy`, [toRow({ ...KEY, n: 1 })]);
    renameSync(`${file}.copy`, file);
    expect(await opened.table.get(KEY, o)).toEqual({ ...KEY, n: 1 });
    expect([told, opened.table.generation]).toEqual([2, 3]);
    rmSync(file);
    expect(await opened.table.query({ pk: 'p' }, o)).toEqual([]);
    expect([told, opened.table.generation]).toEqual([3, 4]);
  });

  it('asks for nothing where it is asked for nothing, and starts no thread over it', async () => {
    await using opened = await open();
    await opened.table.writeAll([], o);
    expect(await opened.table.getAll([], o)).toEqual([]);
    expect(readdirSync(folder)).not.toContain('acknowledged');
  });

  it('leaves out of a batch of reads what is not there', async () => {
    makeDatabase(file, [toRow({ ...KEY, n: 1 })]);
    await using opened = await open();
    expect(await opened.table.getAll([{ pk: 'p', sk: 'x' }, KEY], o)).toEqual([{ ...KEY, n: 1 }]);
  });

  it('is unavailable once it is closed, for reads and writes', async () => {
    const opened = await open();
    await opened[Symbol.asyncDispose]();
    const { table } = opened;
    const closed = { code: 'unavailable', message: `The state in ${folder} is closed.` };
    await expect(table.get(KEY, o)).rejects.toMatchObject(closed);
    await expect(table.query({ pk: 'p' }, o)).rejects.toMatchObject(closed);
    await expect(table.replace(KEY, o)).rejects.toMatchObject(closed);
    await expect(table.writeAll([{ delete: KEY }], o)).rejects.toMatchObject(closed);
    expect(readdirSync(folder).toSorted()).toEqual(['state.lock', 'state.sqlite']);
  });
});

describe('a writer', () => {
  afterEach(() => void vi.useRealTimers());
  const write = { kind: 'delete', key: KEY } as const;
  type Serving = ReturnType<WriterThread['serve']>;

  /** A writer over a thread that does so. */
  function over(serving: Partial<Serving>) {
    const calls: string[] = [];
    const lines: string[] = [];
    const thread: WriterThread = {
      serve: () => ({
        isOver: () => false,
        send: async () => ({ done: true }),
        close: async () => void calls.push('close'),
        ...serving,
      }),
      [Symbol.dispose]: () => undefined,
    };
    const log = createLineLog({ write: (line) => lines.push(line), level: 'debug' });
    return { writer: createWriter({ folder, log }, thread), calls };
  }

  it('hands on what its thread answers, and ends it', async () => {
    const { writer, calls } = over({});
    expect(await writer.write(write, o)).toEqual({ done: true });
    await writer[Symbol.asyncDispose]();
    expect(calls).toEqual(['close']);
  });

  it('fails as its thread says, and with the reason of its caller who gave up', async () => {
    const said = new StateError('its words', { code: 'refused' });
    await expect(
      over({
        send: async () => {
          throw said;
        },
      }).writer.write(write, o),
    ).rejects.toBe(said);
    const caller = new AbortController();
    const waiting = over({
      send: (_write, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    }).writer.write(write, caller);
    caller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    let sent = 0;
    const { writer } = over({
      send: async () => {
        sent += 1;
        return { done: true };
      },
    });
    await expect(writer.write(write, caller)).rejects.toThrow('enough');
    expect(sent).toBe(0);
  });

  it('gives a thread 20 s that answers nothing', async () => {
    vi.useFakeTimers();
    const { writer } = over({
      send: (_write, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    });
    let ended: unknown;
    const writing = writer.write(write, o).catch((error: unknown) => {
      ended = error;
    });
    await vi.advanceTimersByTimeAsync(19_999);
    expect(ended).toBeUndefined();
    await vi.advanceTimersByTimeAsync(2);
    await writing;
    expect(ended).toMatchObject({
      code: 'unavailable',
      message: `The state file ${file} finished no write for 20 s. Check its disk: it hangs or is overloaded.`,
    });
  });
});
