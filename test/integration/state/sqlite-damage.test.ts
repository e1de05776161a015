import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayTryHost } from '../../../lib/logins/rules/may-try-login.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { StateError } from '../../../lib/state/errors.ts';
import type { Item } from '../../../lib/state/item.ts';
import { isSound } from '../../../lib/state/sqlite/inspect.ts';
import { rowsInPlaceOf } from '../../../lib/state/sqlite/losses.ts';
import { openEmbeddedState } from '../../../lib/state/sqlite/open.ts';
import { acceptLossIn, inspectFile, repairFile } from '../../../lib/state/sqlite/repair.ts';
import { type Row, toItem, toRow } from '../../../lib/state/sqlite/rows.ts';
import type { AccountHistory } from '../../../lib/state/stores/account-history.ts';
import { toHistory } from '../../../lib/state/stores/account-item.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const o = { signal: new AbortController().signal };
const HOSTS = 300;
const clock = { now: () => Date.UTC(2026, 10, 28) };
const PK = 'account#root';
const accountOf = (n: number): Item => ({
  pk: PK,
  sk: `10.0.0.${n}`,
  user: 'root',
  address: `10.0.0.${n}`,
  refusals: 1,
  refusedVersions: [`version-${n}`],
});
const open = (path: string) => openEmbeddedState({ path, log: silentLog }, o);

/** A folder with the accounts, in one file. */
async function makeState(path: string): Promise<string> {
  await using state = await open(path);
  await state.table.writeAll(
    Array.from({ length: HOSTS }, (_, n) => ({ put: accountOf(n) })),
    o,
  );
  return join(path, 'state.sqlite');
}

const fail = (error: unknown) => {
  if (error instanceof StateError) return error;
  throw error;
};

/** What a run would know of the accounts: all of them, or nothing. */
async function readAccounts(path: string): Promise<readonly Item[] | StateError> {
  try {
    await using state = await open(path);
    return await state.table.query({ pk: PK }, o);
  } catch (error) {
    return fail(error);
  }
}

/** The account of the row that stands in for a lost one. */
function history(rows: readonly Row[]): AccountHistory {
  const [found] = rows.map(toItem).filter(({ pk }) => pk === PK);
  if (found === undefined) throw new Error('no row of the account');
  return toHistory(found);
}

/** Changes the last letter of a key where the index has it, and leaves its row as it is. */
async function misnameInIndex(file: string, key: string): Promise<void> {
  const bytes = await readFile(file);
  const damaged = Buffer.from(bytes);
  let changes = 0;
  // In its row the key is followed by the item as JSON, in the index by the rowid.
  for (let at = bytes.indexOf(key); at >= 0; at = bytes.indexOf(key, at + 1)) {
    const end = at + key.length;
    if (bytes[end] === 0x7b) continue;
    damaged[end - 1] = 0x34;
    changes += 1;
  }
  expect(changes).toBeGreaterThan(0);
  await writeFile(file, damaged);
}

describe('a state file that was damaged', () => {
  it('never answers otherwise than it was written, and after a repair each account is there, held back, or all are', async () => {
    await using folder = await createTemporaryFolder('sqlite-damage');
    const original = await makeState(join(folder.path, 'original'));
    const { size } = await stat(original);
    const bytes = await readFile(original);
    let unique = 0;
    const told = { whole: 0, damaged: 0, lost: 0, allHeld: 0 };
    const flip = fc.tuple(fc.nat(size - 1), fc.integer({ min: 1, max: 255 }));
    const damage = fc.oneof(
      fc.record({ flips: fc.array(flip, { minLength: 1, maxLength: 3 }), cutAt: fc.constant(size) }),
      fc.record({ flips: fc.constant([]), cutAt: fc.integer({ min: 1, max: size - 1 }) }),
    );
    await fc.assert(
      fc.asyncProperty(damage, async ({ flips, cutAt }) => {
        const path = join(folder.path, `damaged-${++unique}`);
        await mkdir(path, { mode: 0o700 });
        const copy = Buffer.from(bytes).subarray(0, cutAt);
        for (const [at, by] of flips) copy[at] = (copy[at] ?? 0) ^ by;
        await writeFile(join(path, 'state.sqlite'), copy, { mode: 0o600 });

        const before = await readAccounts(path);
        if (before instanceof StateError) expect(before.message).toMatch(/vsweep state check|newer vsweep/);
        else {
          expect(before).toHaveLength(HOSTS);
          for (const item of before) expect(item).toEqual(accountOf(Number(item.sk.split('.')[3])));
        }

        if (before instanceof StateError && before.message.includes('newer vsweep')) {
          expect(() => repairFile(path, clock)).toThrow('newer vsweep');
          return;
        }
        const { found, kept } = repairFile(path, clock);
        const after = await readAccounts(path);
        if (kept === undefined) {
          told.whole += 1;
          expect(after).toHaveLength(HOSTS);
          return;
        }
        told.damaged += 1;
        expect(await readdir(kept)).toContain('state.sqlite');
        if (after instanceof StateError) {
          told.allHeld += 1;
          expect(found.knowsAll).toBe(false);
          expect(after).toMatchObject({
            code: 'damaged',
            message: expect.stringContaining('vsweep state accept-loss'),
          });
          return;
        }
        told.lost += found.lost.length;
        for (let n = 0; n < HOSTS; n += 1) {
          const item = after.find(({ sk }) => sk === accountOf(n).sk);
          expect([1, 255]).toContain(item?.['refusals']);
          if (item?.['refusals'] === 1) expect(item).toEqual(accountOf(n));
        }
        expect(isSound(inspectFile(path))).toBe(true);
      }),
      {
        numRuns: 150,
        examples: [
          // The name of a column; who may write to the file; who may read it.
          [{ flips: [[bytes.indexOf(' item ') + 1, 1]], cutAt: size }],
          [{ flips: [[18, 1]], cutAt: size }],
          [{ flips: [[19, 1]], cutAt: size }],
        ],
      },
    );
    // Each of the ways was taken.
    expect(Math.min(told.damaged, told.lost, told.allHeld)).toBeGreaterThan(0);
  });

  it('is refused when the index names anything wrongly that must be found, and not for what is asked for with care', async () => {
    await using folder = await createTemporaryFolder('sqlite-index-kinds');
    const keys = ['hostkeys', 'credential#env:X', 'run#services#vc1', 'stamps', 'proven#root'];
    const original = await makeState(join(folder.path, 'original'));
    {
      await using state = await open(join(folder.path, 'original'));
      for (const pk of keys) await state.table.replace({ pk, sk: '10.0.0.5', n: 1 }, o);
    }
    for (const [n, pk] of keys.entries()) {
      const path = join(folder.path, String(n));
      await mkdir(path, { mode: 0o700 });
      await copyFile(original, join(path, 'state.sqlite'));
      await misnameInIndex(join(path, 'state.sqlite'), `${pk}10.0.0.5`);
      expect(isSound(inspectFile(path))).toBe(false);
      const read = await readAccounts(path);
      if (pk === 'proven#root') expect(read).toHaveLength(HOSTS);
      else expect(read).toMatchObject({ message: expect.stringContaining('is missing in its index') });
    }
  });

  it('is refused when the index names an account wrongly, and an account that stands there twice is held back', async () => {
    await using folder = await createTemporaryFolder('sqlite-index');
    const path = join(folder.path, 'state');
    const file = await makeState(path);
    await misnameInIndex(file, `${PK}10.0.0.205`);
    const readOne = async () => {
      await using state = await open(path);
      return await state.table.get({ pk: PK, sk: '10.0.0.205' }, o);
    };
    await expect(readOne()).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringContaining('vsweep state check'),
    });
    // As one who did not notice would write it again.
    const db = new DatabaseSync(file);
    const again = toRow({ ...accountOf(205), refusals: 0 });
    db.prepare('INSERT INTO items (pk, sk, item, sum) VALUES (?, ?, ?, ?)').run(
      again.pk,
      again.sk,
      again.item,
      again.sum,
    );
    db.close();
    await expect(readOne()).rejects.toMatchObject({ code: 'damaged' });
    const { found } = repairFile(path, clock);
    expect(found.lost).toContainEqual({ pk: PK, sk: '10.0.0.205' });
    expect(found.knowsAll).toBe(false);
    expect(await readAccounts(path)).toMatchObject({
      message: expect.stringContaining('vsweep state accept-loss'),
    });
    expect(acceptLossIn(path)).toBe(true);
    const accounts = (await readAccounts(path)) as readonly Item[];
    expect(accounts.find(({ sk }) => sk === '10.0.0.205')).toMatchObject({ refusals: 255 });
  });

  it('is repaired to the end when the repair was interrupted, and nothing is made in its place until then', async () => {
    await using folder = await createTemporaryFolder('sqlite-interrupted');
    const path = join(folder.path, 'state');
    const file = await makeState(path);
    await copyFile(file, `${file}.new`);
    await rm(file);
    await writeFile(`${file}-wal`, 'of the damaged one');
    await writeFile(join(path, 'repair-under-way'), '');
    expect(await readAccounts(path)).toMatchObject({
      message: expect.stringContaining('vsweep state repair'),
    });
    const { kept } = repairFile(path, clock);
    expect(await readdir(kept ?? '')).toEqual(['state.sqlite-wal']);
    expect(await readAccounts(path)).toHaveLength(HOSTS);
  });

  it('is repaired anew, when the repair was interrupted and the file still stands: what was written since stays', async () => {
    await using folder = await createTemporaryFolder('sqlite-anew');
    const path = join(folder.path, 'state');
    const file = await makeState(path);
    await copyFile(file, `${file}.new`);
    await writeFile(join(path, 'repair-under-way'), '');
    {
      await using running = await open(path);
      await running.table.replace({ ...accountOf(HOSTS), refusals: 2 }, o);
    }
    repairFile(path, clock);
    expect(await readdir(path)).toEqual(['acknowledged', 'open', 'state.lock', 'state.sqlite']);
    expect(await readAccounts(path)).toHaveLength(HOSTS + 1);
  });

  it('of which a batch in flight is lost holds all accounts back: any of its hosts may have refused', async () => {
    await using folder = await createTemporaryFolder('sqlite-flight');
    const path = join(folder.path, 'state');
    const file = await makeState(path);
    {
      await using running = await open(path);
      await running.table.replace({ pk: 'run#services#vc1', sk: 'flight#f1', hosts: [] }, o);
    }
    const db = new DatabaseSync(file);
    db.exec(`UPDATE items SET item = '{}' WHERE sk = 'flight#f1'`);
    db.close();
    expect(repairFile(path, clock)).toMatchObject({ found: { knowsAll: false } });
    expect(await readAccounts(path)).toMatchObject({ message: expect.stringContaining('accept-loss') });
  });

  it('keeps the name of a user of whom nothing else is left, so that his accounts are listed', async () => {
    const lost = rowsInPlaceOf({ pk: 'accounts', sk: 'root' }, '2026-11-28T00:00:00Z');
    expect(lost.map(toItem)).toEqual([{ pk: 'accounts', sk: 'root', user: 'root' }]);
    const owner = { pk: 'flights', sk: 'nightly#vc%231' };
    expect(rowsInPlaceOf(owner, '2026-11-28T00:00:00Z').map(toItem)).toEqual([
      { ...owner, sweep: 'nightly', target: 'vc#1', at: Date.UTC(2026, 10, 28) },
    ]);
    expect(rowsInPlaceOf({ pk: 'hostkeys', sk: 'esx01:22' }, '2026-11-28T00:00:00Z')).toEqual([]);
  });

  it('is unsound in another journal mode, in which a process that reads stops one that writes, and is repaired', async () => {
    await using folder = await createTemporaryFolder('sqlite-journal');
    const path = join(folder.path, 'state');
    const db = new DatabaseSync(await makeState(path));
    db.exec('PRAGMA journal_mode = DELETE');
    db.close();
    expect(inspectFile(path)).toMatchObject({ faults: ['the journal mode is delete'], knowsAll: false });
    repairFile(path, clock);
    expect(isSound(inspectFile(path))).toBe(true);
  });

  it('says of an empty file what is wrong with it', async () => {
    await using folder = await createTemporaryFolder('sqlite-empty');
    const path = join(folder.path, 'state');
    await writeFile(await makeState(path), '');
    expect(await readAccounts(path)).toMatchObject({
      message: expect.stringContaining(
        'is damaged: it is empty or cut off. To see what is lost, run: vsweep state check',
      ),
    });
  });

  it('cannot be looked at where there is none, with what may be the reason', async () => {
    await using folder = await createTemporaryFolder('sqlite-none');
    expect(() => inspectFile(folder.path)).toThrow(
      `There is no state file ${join(folder.path, 'state.sqlite')}. Use the state.path, the user and the ` +
        'XDG_STATE_HOME of "vsweep run".',
    );
  });

  it('leaves an account whose history is lost alone whatever limit of its host is read again', async () => {
    const lost = history(rowsInPlaceOf({ pk: PK, sk: 'esx01' }, '2026-11-28T00:00:00Z'));
    for (const hostLimit of [undefined, 0, 3, 5, 100]) {
      const limit = hostLimit === undefined ? {} : { hostLimit };
      const ask = { now: Date.UTC(2027, 0, 1), version: 'v1', blacklistMinutes: 20 };
      expect(mayTryHost({ ...lost, ...limit }, ask)).toMatchObject({ allowed: false, opens: 'lift' });
    }
  });

  it('is replaced under processes that have it open: they go on with the new one, and lose no write', async () => {
    await using folder = await createTemporaryFolder('sqlite-replaced');
    const path = join(folder.path, 'state');
    const file = await makeState(path);
    {
      await using running = await open(path);
      await running.table.replace({ pk: 'p', sk: 'before' }, o);
      const db = new DatabaseSync(file);
      db.exec(`UPDATE items SET item = '{}' WHERE sk = '10.0.0.7'`);
      db.close();
      await expect(running.table.query({ pk: PK }, o)).rejects.toMatchObject({ code: 'damaged' });
      const { found, kept } = repairFile(path, clock);
      expect({ lost: found.lost, knowsAll: found.knowsAll }).toEqual({
        lost: [{ pk: PK, sk: '10.0.0.7' }],
        knowsAll: true,
      });
      expect(kept).toBeDefined();
      await running.table.replace({ pk: 'p', sk: 'after' }, o);
      expect(await running.table.query({ pk: PK }, o)).toHaveLength(HOSTS);
    }
    await using state = await open(path);
    expect((await state.table.query({ pk: 'p' }, o)).map(({ sk }) => sk)).toEqual(['after', 'before']);
    expect(await state.table.get({ pk: PK, sk: '10.0.0.7' }, o)).toMatchObject({ refusals: 255 });
    expect(await state.table.get({ pk: 'accounts', sk: 'root' }, o)).toMatchObject({ user: 'root' });
    expect(isSound(inspectFile(path))).toBe(true);
  });

  it('is left as it is when nothing is wrong', async () => {
    await using folder = await createTemporaryFolder('sqlite-sound');
    const path = join(folder.path, 'state');
    await makeState(path);
    expect(isSound(inspectFile(path))).toBe(true);
    expect(repairFile(path, clock)).toMatchObject({ kept: undefined });
    expect(await readdir(path)).toEqual(['acknowledged', 'open', 'state.lock', 'state.sqlite']);
  });
});
