import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lostOf } from '../../../lib/state/sqlite/commits.ts';
import { type Connection, onceFree, openDatabase } from '../../../lib/state/sqlite/database.ts';
import { lockFolder } from '../../../lib/state/sqlite/folder-lock.ts';
import { toRow } from '../../../lib/state/sqlite/rows.ts';

let folder = '';
let connection: Connection;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vsweep-connection-'));
  connection = openDatabase(folder);
});
afterEach(() => {
  connection[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

describe('the transactions of a file', () => {
  it('are counted from 0 in the file, which has a name of its own', () => {
    const { commits, id } = connection;
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(commits.last()).toEqual({ file: id, number: 0 });
    expect(commits.count()).toEqual({ file: id, number: 1 });
    expect(commits.count()).toEqual({ file: id, number: 2 });
    expect(commits.last()).toEqual({ file: id, number: 2 });
  });

  it('begin anew in a file from before they were counted', () => {
    connection.db.exec("DELETE FROM items WHERE pk = 'commits'");
    expect(connection.commits.last()).toBeUndefined();
    const first = connection.commits.count();
    expect(first).toEqual({ file: expect.stringMatching(/^[0-9a-f]{16}$/), number: 1 });
    expect(first.file).not.toBe(connection.id);
  });

  it.each([{ file: 5, number: 1 }, { file: 'x', number: '1' }, {}])('are damaged as %j', (odd) => {
    const row = toRow({ pk: 'commits', sk: 'last', ...odd });
    connection.operations.write({ kind: 'put', row });
    expect(() => connection.commits.last()).toThrow(
      expect.objectContaining({
        code: 'damaged',
        message:
          'The item pk="commits" sk="last" of the state is damaged. To see what is lost, run: vsweep state check.',
      }),
    );
  });

  it('are lost where somebody was told of a later one', () => {
    expect(lostOf({ file: 'x', number: 3 }, 5)).toBe(
      'its last transaction is 3, but transaction 5 was written: its log (-wal) was removed or damaged, or an older file was put in its place',
    );
  });
});

describe('a file that is busy', () => {
  const o = { signal: new AbortController().signal };

  it('is waited for, and other errors are not', async () => {
    let tries = 0;
    const busy = () => {
      tries += 1;
      if (tries < 3) throw Object.assign(new Error('database is locked'), { errcode: 5 });
      return tries;
    };
    expect(await onceFree(folder, busy, o)).toBe(3);
    await expect(
      onceFree(
        folder,
        () => {
          throw Object.assign(new Error('disk full'), { errcode: 13 });
        },
        o,
      ),
    ).rejects.toMatchObject({ name: 'StateError', code: 'unavailable' });
    const signal = AbortSignal.abort(new Error('over'));
    await expect(onceFree(folder, busy, { signal })).rejects.toThrow('over');
  });

  it('is locked for one alone, until that lets go', () => {
    {
      using _first = lockFolder(folder);
      expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ errcode: 5 }));
    }
    using _second = lockFolder(folder);
  });
});

it('a connection is current until another file stands in its place', () => {
  expect(connection.isCurrent()).toBe(true);
  rmSync(join(folder, 'state.sqlite'));
  expect(connection.isCurrent()).toBe(false);
  let made = 0;
  using other = openDatabase(folder, () => {
    made += 1;
  });
  expect(made).toBe(1);
  expect([connection.isCurrent(), other.isCurrent()]).toEqual([false, true]);
  using _again = openDatabase(folder, () => {
    made += 1;
  });
  expect(made).toBe(1);
});
