import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Item } from '../../../lib/state/item.ts';
import { openAcknowledger } from '../../../lib/state/sqlite/acknowledged.ts';
import { openDatabase } from '../../../lib/state/sqlite/database.ts';
import { isSound } from '../../../lib/state/sqlite/inspect.ts';
import { lossRow } from '../../../lib/state/sqlite/losses.ts';
import { makeDatabase } from '../../../lib/state/sqlite/make-file.ts';
import { acceptLossIn, inspectFile, repairFile } from '../../../lib/state/sqlite/repair.ts';
import { toItem, toRow } from '../../../lib/state/sqlite/rows.ts';

const clock = { now: () => Date.UTC(2026, 10, 28, 1, 2, 3) };
const KEPT = 'damaged-2026-11-28T010203.000Z';
const ITEM: Item = { pk: 'p', sk: 'esx01', n: 1 };

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vsweep-repair-'));
  file = join(folder, 'state.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

const make = (items: readonly Item[], at = file) =>
  makeDatabase(
    at,
    items.map((item) => toRow(item)),
    { file: 'f', number: 5 },
  );
function run(statement: string): void {
  const db = new DatabaseSync(file);
  db.exec(statement);
  db.close();
}
const rowsOf = (path: string): Item[] => {
  const db = new DatabaseSync(path);
  try {
    const rows = db.prepare('SELECT pk, sk, item, sum FROM items ORDER BY pk, sk').all();
    return rows.map((row) => toItem(row as never));
  } finally {
    db.close();
  }
};
function acknowledge(number: number): void {
  using notes = openAcknowledger(folder);
  notes.note({ file: 'f', number });
}

describe('a look at a state file', () => {
  it('finds nothing wrong with one that is whole, and changes nothing', () => {
    make([ITEM]);
    const before = [readdirSync(folder), statSync(file).mtimeMs];
    expect(isSound(inspectFile(folder))).toBe(true);
    expect([readdirSync(folder), statSync(file).mtimeMs]).toEqual(before);
  });

  it('tells of transactions that are gone, and of none that were only written', () => {
    make([ITEM]);
    acknowledge(5);
    expect(isSound(inspectFile(folder))).toBe(true);
    acknowledge(7);
    expect(inspectFile(folder)).toMatchObject({
      lost: [],
      knowsAll: false,
      faults: [
        'its last transaction is 5, but transaction 7 was written: its log (-wal) was removed or damaged, or an older file was put in its place',
      ],
    });
  });

  it('tells of a log that is damaged, though the file itself is whole', () => {
    make([ITEM]);
    writeFileSync(`${file}-wal`, Buffer.alloc(4_200, 1));
    expect(inspectFile(folder)).toMatchObject({
      knowsAll: false,
      faults: [`the header of its log ${file}-wal is damaged`],
    });
    expect(existsSync(`${file}-wal`)).toBe(true);
  });

  it('knows nothing for certain where a batch in flight is lost, and all where another item is', () => {
    make([{ pk: 'run#services#vc1', sk: 'flight#f1' }, ITEM]);
    run(`UPDATE items SET item = '{"n":2}' WHERE pk = 'p'`);
    expect(inspectFile(folder)).toMatchObject({ lost: [{ pk: 'p', sk: 'esx01' }], knowsAll: true });
    run(`UPDATE items SET item = '{"n":2}' WHERE sk = 'flight#f1'`);
    expect(inspectFile(folder)).toMatchObject({ knowsAll: false });
  });
});

describe('a repair', () => {
  it('leaves a file as it is with which nothing is wrong', () => {
    make([ITEM]);
    expect(repairFile(folder, clock)).toMatchObject({
      kept: undefined,
      found: { knowsAll: true, faults: [] },
    });
    expect(readdirSync(folder).toSorted()).toEqual(['state.lock', 'state.sqlite']);
    expect(rowsOf(file)).toContainEqual(ITEM);
  });

  it('puts a file with all that could be read in its place, and keeps the damaged one by its time', () => {
    make([ITEM, { pk: 'account#root', sk: 'esx02', user: 'root', address: 'esx02', refusals: 1 }]);
    writeFileSync(`${file}.new`, 'of an earlier repair');
    run(`UPDATE items SET item = '{}' WHERE sk = 'esx02'`);
    const { found, kept } = repairFile(folder, clock);
    expect(kept).toBe(join(folder, KEPT));
    expect(found).toMatchObject({ lost: [{ pk: 'account#root', sk: 'esx02' }], knowsAll: true });
    expect(statSync(join(folder, KEPT)).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(folder, KEPT))).toContain('state.sqlite');
    expect(readdirSync(folder).toSorted()).toEqual([KEPT, 'state.lock', 'state.sqlite']);
    expect(rowsOf(file)).toEqual([
      expect.objectContaining({ pk: 'account#root', sk: 'esx02', refusals: 255, lastRefusalAt: clock.now() }),
      { pk: 'accounts', sk: 'root', user: 'root' },
      { pk: 'commits', sk: 'last', file: 'f', number: 5 },
      ITEM,
    ]);
  });

  it('has all accounts held back where nobody knows what is lost, and goes on behind what was acknowledged', () => {
    make([ITEM]);
    acknowledge(7);
    expect(repairFile(folder, clock).found.knowsAll).toBe(false);
    expect(rowsOf(file)).toEqual([
      { pk: 'commits', sk: 'last', file: 'f', number: 7 },
      { pk: 'lost', sk: 'accounts', at: '2026-11-28T01:02:03.000Z' },
      ITEM,
    ]);
    expect(isSound(inspectFile(folder))).toBe(true);
    using opened = openDatabase(folder);
    expect(() => opened.operations.get({ pk: 'account#root', sk: 'x' })).toThrow('accept-loss');
  });

  it('gives a file another name in which the item is lost that counts its transactions', () => {
    make([ITEM]);
    run(`UPDATE items SET item = '{}' WHERE pk = 'commits'`);
    repairFile(folder, clock);
    const [commits] = rowsOf(file);
    expect(commits).toMatchObject({ pk: 'commits', sk: 'last', number: 0 });
    expect(commits?.['file']).not.toBe('f');
  });

  it('that was interrupted after the damaged file was moved away is brought to its end', () => {
    make([ITEM], `${file}.new`);
    writeFileSync(`${file}-wal`, 'of the damaged one');
    writeFileSync(join(folder, 'repair-under-way'), '');
    expect(repairFile(folder, clock)).toEqual({
      kept: join(folder, KEPT),
      found: { sound: [], lost: [], knowsAll: false, faults: ['interrupted'] },
    });
    expect(readdirSync(join(folder, KEPT))).toEqual(['state.sqlite-wal']);
    expect(readdirSync(folder).toSorted()).toEqual([KEPT, 'state.lock', 'state.sqlite']);
    expect(rowsOf(file)).toContainEqual(ITEM);
  });

  it('that was interrupted while the file still stood begins anew, without what it had drafted', () => {
    make([ITEM]);
    make([], `${file}.new`);
    for (const name of ['repair-under-way', 'state.sqlite.new-wal', 'state.sqlite.new-shm'])
      writeFileSync(join(folder, name), '');
    expect(repairFile(folder, clock).kept).toBeUndefined();
    expect(readdirSync(folder).toSorted()).toEqual(['state.lock', 'state.sqlite']);
    expect(rowsOf(file)).toContainEqual(ITEM);
  });

  it.each([
    ['a look', () => inspectFile(folder)],
    ['a repair', () => repairFile(folder, clock)],
    ['a loss that is accepted', () => acceptLossIn(folder)],
  ])('needs a file, as does %s, and says where it may be', (_what, work) => {
    expect(work).toThrow(
      expect.objectContaining({
        code: 'refused',
        message: `There is no state file ${file}. Use the state.path, the user and the XDG_STATE_HOME of "vsweep run".`,
      }),
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['a look', () => inspectFile(folder)],
    ['a repair', () => repairFile(folder, clock)],
  ])('leaves a file of a newer vsweep alone, as does %s', (_what, work) => {
    make([ITEM]);
    run('PRAGMA user_version = 2');
    expect(work).toThrow(
      expect.objectContaining({
        code: 'refused',
        message:
          `The state file ${file} was written by a newer vsweep (layout 2, and this one reads 1). Install that version again; or, while no vsweep runs, ` +
          `move it away with its log (mv ${file} ${file}-* <elsewhere>), and vsweep starts without its record of refused logins and host keys.`,
      }),
    );
  });
});

it('a loss that is accepted stays accepted', () => {
  makeDatabase(file, [lossRow('2026-11-28T01:02:03.000Z')]);
  expect([acceptLossIn(folder), acceptLossIn(folder)]).toEqual([true, false]);
  expect(rowsOf(file).map(({ pk }) => pk)).toEqual(['commits']);
});
