import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Item } from '../../../lib/state/item.ts';
import {
  type Inspection,
  inspect,
  isSound,
  nothingLeft,
  refuseDamaged,
} from '../../../lib/state/sqlite/inspect.ts';
import { makeDatabase } from '../../../lib/state/sqlite/make-file.ts';
import { toItem, toRow } from '../../../lib/state/sqlite/rows.ts';

const PAGE = 4_096;
/** The pages where table and index begin, behind that of the schema. */
const [TABLE, INDEX] = [1, 2];

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vsweep-inspect-'));
  file = join(folder, 'state.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

const itemOf = (pk: string, n: number): Item => ({ pk, sk: `esx${String(n).padStart(3, '0')}`, n });
const make = (items: readonly Item[]) =>
  makeDatabase(
    file,
    items.map((item) => toRow(item)),
    { file: 'f', number: 1 },
  );
/** Without the item that counts the transactions. */
function look(): Inspection & { items: Item[] } {
  const db = new DatabaseSync(file);
  try {
    const found = inspect(db);
    return { ...found, items: found.sound.map(toItem).filter(({ pk }) => pk !== 'commits') };
  } finally {
    db.close();
  }
}
function run(statement: string): void {
  const db = new DatabaseSync(file);
  db.exec(statement);
  db.close();
}
function spoil(change: (bytes: Buffer) => void): void {
  const bytes = readFileSync(file);
  change(bytes);
  writeFileSync(file, bytes);
}
const breakPage = (page: number) => spoil((bytes) => bytes.fill(0xff, page * PAGE, (page + 1) * PAGE));
/** Changes a key where the index has it: in the table it is followed by JSON. */
const misname = (key: string, name: string) =>
  spoil((bytes) => {
    for (let at = bytes.indexOf(key); at >= 0; at = bytes.indexOf(key, at + 1))
      if (bytes[at + key.length] !== 0x7b) bytes.write(name, at);
  });

describe('what is left of a state file', () => {
  it('is sound when nothing is lost, nothing can be, and SQLite finds no fault', () => {
    const sound: Inspection = { sound: [], lost: [], knowsAll: true, faults: [] };
    expect(isSound(sound)).toBe(true);
    expect(isSound({ ...sound, lost: [{ pk: 'p', sk: 's' }] })).toBe(false);
    expect(isSound({ ...sound, knowsAll: false })).toBe(false);
    expect(isSound({ ...sound, faults: ['x'] })).toBe(false);
    expect(nothingLeft(new Error('gone'))).toEqual({
      sound: [],
      lost: [],
      knowsAll: false,
      faults: ['gone'],
    });
  });

  it('is all of a file that is whole', () => {
    const items = [itemOf('account#root', 1), itemOf('p', 2)];
    make(items);
    const found = look();
    expect(found.items).toEqual(items);
    expect(isSound(found)).toBe(true);
  });

  it('is all but the items that are not as they were written', () => {
    make([itemOf('p', 1), itemOf('p', 2)]);
    run(`UPDATE items SET item = '{}' WHERE sk = 'esx001'`);
    expect(look()).toMatchObject({
      items: [itemOf('p', 2)],
      lost: [{ pk: 'p', sk: 'esx001' }],
      knowsAll: true,
      faults: [],
    });
  });

  it('has the names of all items where the index is gone, and nothing is lost', () => {
    make([itemOf('p', 1)]);
    breakPage(INDEX);
    expect(look()).toMatchObject({ items: [itemOf('p', 1)], lost: [], knowsAll: true });
    expect(look().faults.length).toBeGreaterThan(0);
  });

  it('has the names of all items where the table is gone', () => {
    make([itemOf('p', 1), itemOf('p', 2)]);
    breakPage(TABLE);
    const { sound, lost, knowsAll } = look();
    expect([sound, knowsAll]).toEqual([[], true]);
    expect(lost).toEqual([
      { pk: 'commits', sk: 'last' },
      { pk: 'p', sk: 'esx001' },
      { pk: 'p', sk: 'esx002' },
    ]);
  });

  it('is what stands on both sides of a broken page; without the index nobody knows what stood on it', () => {
    const items = Array.from({ length: 300 }, (_, n) => ({ ...itemOf('p', n), text: 'x'.repeat(100) }));
    make(items);
    const middle = readFileSync(file).indexOf('pesx150{');
    breakPage(Math.floor(middle / PAGE));
    const whole = look();
    expect(whole.knowsAll).toBe(true);
    expect(whole.items.length + whole.lost.length).toBe(300);
    expect(whole.lost).toContainEqual({ pk: 'p', sk: 'esx150' });
    breakPage(INDEX);
    const half = look();
    expect([half.lost, half.knowsAll]).toEqual([[], false]);
    expect(half.items.map(({ sk }) => sk).toSorted()).toEqual(whole.items.map(({ sk }) => sk).toSorted());
    expect(half.items).toContainEqual(items[0]);
    expect(half.items).toContainEqual(items[299]);
  });

  it('names what the index has under another name as lost, and keeps what the table has', () => {
    make([itemOf('p', 1)]);
    misname('pesx001', 'pesx009');
    const found = look();
    expect(found).toMatchObject({
      items: [itemOf('p', 1)],
      lost: [{ pk: 'p', sk: 'esx009' }],
      knowsAll: true,
    });
    expect(found.faults).toEqual([expect.stringContaining('missing from index')]);
  });

  it('is not known where a history stands there twice; of anything else one of the two stays', () => {
    for (const pk of ['account#root', 'p']) {
      rmSync(file, { force: true });
      make([itemOf(pk, 1)]);
      misname(`${pk}esx001`, `${pk}esx009`);
      const db = new DatabaseSync(file);
      const row = toRow({ ...itemOf(pk, 1), n: 7 });
      db.prepare('INSERT INTO items (pk, sk, item, sum) VALUES (?, ?, ?, ?)').run(
        row.pk,
        row.sk,
        row.item,
        row.sum,
      );
      db.close();
      const { items, lost, knowsAll } = look();
      if (pk === 'p') expect([items.map(({ sk }) => sk), knowsAll]).toEqual([['esx001'], true]);
      else {
        expect([items, knowsAll]).toEqual([[], false]);
        expect(lost).toContainEqual({ pk, sk: 'esx001' });
      }
    }
  });

  it('is nothing of a file that is no database, with the words of SQLite', () => {
    writeFileSync(file, 'x'.repeat(PAGE));
    const notOne = 'file is not a database';
    expect(look()).toMatchObject({ sound: [], lost: [], knowsAll: false, faults: [notOne] });
  });
});

describe('a file whose index does not lead to an item', () => {
  const refuse = () => {
    const db = new DatabaseSync(file);
    try {
      refuseDamaged(db, file);
    } finally {
      db.close();
    }
  };

  it('is refused: that one would count as one that never was', () => {
    make([itemOf('account#root', 1)]);
    expect(refuse).not.toThrow();
    misname('account#rootesx001', 'account#rootesx009');
    expect(refuse).toThrow(
      expect.objectContaining({
        code: 'damaged',
        message: `The state file ${file} is damaged: an item of its table is missing in its index. To see what is lost, run: vsweep state check.`,
      }),
    );
  });

  it.each([
    ['proven#root', false],
    ['proven#', false],
    ['proven', true],
    ['provenx', true],
  ])('is refused over %s: %s; what was accepted last is asked for with care', (pk, isRefused) => {
    make([itemOf(pk, 1)]);
    misname(`${pk}esx001`, `${pk}esx009`);
    if (isRefused) expect(refuse).toThrow('missing in its index');
    else expect(refuse).not.toThrow();
  });
});
