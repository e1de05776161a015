import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../lib/state/sqlite/database.ts';
import { lockFolder } from '../../../lib/state/sqlite/folder-lock.ts';
import { makeDatabase, makeMissing } from '../../../lib/state/sqlite/make-file.ts';
import { toRow } from '../../../lib/state/sqlite/rows.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vsweep-made-'));
  file = join(folder, 'state.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a state file that is made', () => {
  it('is for its owner alone, whole, in one file, and knows its layout', () => {
    makeDatabase(file, [toRow({ pk: 'p', sk: 's' })], { file: 'f', number: 3 });
    expect(readdirSync(folder)).toEqual(['state.sqlite']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const db = new DatabaseSync(file);
    expect({
      ...db.prepare('PRAGMA user_version').get(),
      ...db.prepare('PRAGMA journal_mode').get(),
      ...db.prepare('SELECT sql FROM sqlite_schema WHERE type = ?').get('table'),
    }).toEqual({
      user_version: 1,
      journal_mode: 'wal',
      sql: 'CREATE TABLE items (pk TEXT NOT NULL, sk TEXT NOT NULL, item TEXT NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY (pk, sk)) STRICT',
    });
    const keys = db.prepare('SELECT pk, sk FROM items ORDER BY pk').all();
    expect(keys.map((row) => ({ ...row }))).toEqual([
      { pk: 'commits', sk: 'last' },
      { pk: 'p', sk: 's' },
    ]);
    db.close();
    expect(() => makeDatabase(file, [])).toThrow('EEXIST');
  });

  it('is made in a folder for its owner alone, and once', () => {
    const deep = join(folder, 'a', 'b', 'state.sqlite');
    expect([makeMissing(deep), makeMissing(deep)]).toEqual([true, false]);
    expect(statSync(join(folder, 'a', 'b')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(folder, 'a', 'b')).toSorted()).toEqual(['state.lock', 'state.sqlite']);
  });

  it('moves the log of the file out of the way that stood there', () => {
    writeFileSync(`${file}-wal`, 'old log');
    expect(makeMissing(file)).toBe(true);
    const left = readdirSync(folder).filter((name) => name.startsWith('left-'));
    expect(left).toHaveLength(1);
    expect(readdirSync(join(folder, left[0] ?? ''))).toEqual(['state.sqlite-wal']);
    expect(readFileSync(join(folder, left[0] ?? '', 'state.sqlite-wal'), 'utf8')).toBe('old log');
    rmSync(file);
    writeFileSync(`${file}-shm`, 'old memory');
    makeMissing(file);
    expect(readdirSync(folder).filter((name) => name.startsWith('left-'))).toHaveLength(2);
  });

  it('is not made while a repair has to be brought to its end', () => {
    writeFileSync(join(folder, 'repair-under-way'), '');
    expect(() => makeMissing(file)).toThrow(
      expect.objectContaining({
        code: 'refused',
        message: `The repair of the state file ${file} was interrupted. Run it again: vsweep state repair`,
      }),
    );
    expect(readdirSync(folder).toSorted()).toEqual(['repair-under-way', 'state.lock']);
  });

  it('is not made while another process makes or repairs it', () => {
    using _other = lockFolder(folder);
    expect(() => makeMissing(file)).toThrow(expect.objectContaining({ errcode: 5 }));
  });
});

it('the lock of a folder leaves nothing but its empty file, also while it is held', () => {
  {
    using _lock = lockFolder(folder);
    expect(readdirSync(folder)).toEqual(['state.lock']);
  }
  expect([readdirSync(folder), statSync(join(folder, 'state.lock')).size]).toEqual([['state.lock'], 0]);
});

describe('a state file that is opened', () => {
  it('has each commit on the disk, and its log cut to 8 MB', () => {
    using opened = openDatabase(folder);
    expect({
      ...opened.db.prepare('PRAGMA synchronous').get(),
      ...opened.db.prepare('PRAGMA journal_size_limit').get(),
      ...opened.db.prepare('PRAGMA busy_timeout').get(),
    }).toEqual({ synchronous: 2, journal_size_limit: 8_388_608, timeout: 0 });
  });

  it('is closed again where it is refused: empty, or with a damaged log', () => {
    writeFileSync(file, '');
    expect(() => openDatabase(folder)).toThrow(
      expect.objectContaining({
        code: 'damaged',
        message: `The state file ${file} is damaged: it is empty or cut off. To see what is lost, run: vsweep state check.`,
      }),
    );
    rmSync(file);
    makeDatabase(file, []);
    writeFileSync(`${file}-wal`, Buffer.alloc(4_200, 1));
    expect(() => openDatabase(folder)).toThrow(
      `The state file ${file} is damaged: the header of its log ${file}-wal is damaged. To see what is lost, run: vsweep state check.`,
    );
    expect(readdirSync(folder).toSorted()).toEqual(['state.sqlite', 'state.sqlite-wal']);
  });

  it('cannot be one where a folder stands', () => {
    mkdirSync(file);
    expect(() => openDatabase(folder)).toThrow('unable to open database file');
  });

  it('of before transactions were counted has no name', () => {
    makeDatabase(file, []);
    const db = new DatabaseSync(file);
    db.exec('DELETE FROM items');
    db.close();
    using opened = openDatabase(folder);
    expect(opened.id).toBeUndefined();
  });
});
