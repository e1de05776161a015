import { copyFile, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../lib/platform/log.ts';
import { isSound } from '../../../lib/state/sqlite/inspect.ts';
import { openEmbeddedState } from '../../../lib/state/sqlite/open.ts';
import { acceptLossIn, inspectFile, repairFile } from '../../../lib/state/sqlite/repair.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { startStateProcess } from './start-state-process.ts';

const o = { signal: new AbortController().signal };
const clock = { now: () => Date.UTC(2026, 10, 28) };
const REFUSALS = 12;
const ACCOUNTS = { pk: 'account#root' };
const FRAME = 24 + 4_096;
const frameAt = (number: number) => 32 + (number - 1) * FRAME;
const open = (path: string) => openEmbeddedState({ path, log: silentLog }, o);
const filesOf = (path: string) => {
  const file = join(path, 'state.sqlite');
  return { file, wal: `${file}-wal`, shm: `${file}-shm`, notes: join(path, 'acknowledged') };
};

/** A folder whose last process was killed when its refusals were acknowledged, one after the other. */
async function makeKilled(path: string) {
  await using writer = await startStateProcess(path);
  for (let n = 0; n < REFUSALS; n += 1) await writer.call('refuse', 'root', `esx${n}`);
  await writer.kill();
  return filesOf(path);
}

async function copyOf(from: string, to: string, without: readonly string[] = []) {
  await mkdir(to, { mode: 0o700 });
  for (const name of ['state.sqlite', 'state.sqlite-wal', 'state.sqlite-shm', 'acknowledged'])
    if (!without.includes(name)) await copyFile(join(from, name), join(to, name));
  return filesOf(to);
}

async function change(file: string, by: (bytes: Buffer) => unknown) {
  const bytes = await readFile(file);
  by(bytes);
  await writeFile(file, bytes);
}

const flip = (bytes: Buffer, bit: number) =>
  bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);

const readAccounts = async (path: string) => {
  await using state = await open(path);
  return await state.table.query(ACCOUNTS, o);
};

const isDamage = {
  name: 'StateError',
  code: 'damaged',
  message: expect.stringContaining('vsweep state check'),
};

describe('the log of a process that was killed', () => {
  it('holds all that was acknowledged', async () => {
    await using folder = await createTemporaryFolder('log-killed');
    const path = join(folder.path, 'state');
    await makeKilled(path);
    expect(isSound(inspectFile(path))).toBe(true);
    expect(await readAccounts(path)).toHaveLength(REFUSALS);
  });

  it('is told to be damaged or gone, until a repair and somebody who accepts the loss', async () => {
    await using folder = await createTemporaryFolder('log-lost');
    const path = join(folder.path, 'state');
    await makeKilled(path);
    const losses: Readonly<Record<string, (of: ReturnType<typeof filesOf>) => Promise<unknown>>> = {
      removed: ({ wal }) => rm(wal),
      'removed-with-its-index': async ({ wal, shm }) => {
        await rm(wal);
        await rm(shm);
      },
      'cut-off': ({ wal }) => truncate(wal, frameAt(3)),
      emptied: ({ wal }) => truncate(wal, 0),
      'header-flipped': ({ wal }) => change(wal, (bytes) => flip(bytes, 8 * 17)),
      zeroed: ({ wal }) => change(wal, (bytes) => bytes.fill(0)),
      'first-frame-flipped': ({ wal }) => change(wal, (bytes) => flip(bytes, 8 * (frameAt(1) + 99))),
      'last-transaction-flipped': ({ wal }) => change(wal, (bytes) => flip(bytes, 8 * (bytes.length - 1))),
    };
    for (const [name, lose] of Object.entries(losses)) {
      const to = join(folder.path, name);
      const files = await copyOf(path, to);
      await lose(files);
      await expect(open(to), name).rejects.toMatchObject(isDamage);
      const found = inspectFile(to);
      expect([name, found.knowsAll, isSound(found)]).toEqual([name, false, false]);
      // Looking changes nothing.
      await expect(open(to), name).rejects.toMatchObject(isDamage);
      expect(repairFile(to, clock)).toMatchObject({ found: { knowsAll: false } });
      await expect(readAccounts(to), name).rejects.toMatchObject({
        message: expect.stringContaining('vsweep state accept-loss'),
      });
      expect(acceptLossIn(to)).toBe(true);
      {
        await using state = await open(to);
        await state.table.replace({ pk: 'p', sk: 's' }, o);
      }
      expect([name, isSound(inspectFile(to))]).toEqual([name, true]);
    }
  }, 60_000);

  it('tells of a bit that flipped anywhere before its last transaction without a note of what was acknowledged', async () => {
    await using folder = await createTemporaryFolder('log-flipped');
    const path = join(folder.path, 'state');
    const { wal } = await makeKilled(path);
    const whole = await readFile(wal);
    const frames = Math.floor((whole.length - 32) / FRAME);
    let commits = 0;
    let before = frames;
    // Behind the break must stand the end of a transaction and the beginning of the next one.
    for (; commits < 3; before -= 1) if (whole.readUInt32BE(frameAt(before) + 4) !== 0) commits += 1;
    expect(before).toBeGreaterThan(5);
    const to = join(folder.path, 'copy');
    const copy = await copyOf(path, to, ['acknowledged', 'state.sqlite-shm']);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: frameAt(before + 1) * 8 - 1 }), async (bit) => {
        await writeFile(copy.wal, whole);
        await change(copy.wal, (bytes) => flip(bytes, bit));
        await expect(open(to)).rejects.toMatchObject(isDamage);
      }),
      {
        numRuns: 60,
        examples: [[3 * 8], [(frameAt(2) + 4) * 8], [(frameAt(2) + 9) * 8], [(frameAt(2) + 17) * 8]],
      },
    );
  }, 60_000);
});

describe('what a kill or a power cut leaves behind the last transaction that was acknowledged', () => {
  /** The log with one more transaction of several frames, that nobody was told of. */
  async function withUnacknowledged(path: string) {
    const files = await makeKilled(path);
    const acknowledged = await readFile(files.wal);
    const db = new DatabaseSync(files.file);
    db.exec('PRAGMA wal_autocheckpoint = 0');
    const put = db.prepare(`INSERT INTO items VALUES ('big', ?, ?, 0)`);
    db.exec('BEGIN');
    for (let n = 0; n < 8; n += 1) put.run(String(n), 'x'.repeat(3_000));
    db.exec('COMMIT');
    const longer = await readFile(files.wal);
    // As it is when the process is killed.
    const kept = new Map(
      await Promise.all([files.file, files.notes].map(async (one) => [one, await readFile(one)] as const)),
    );
    db.close();
    for (const [name, bytes] of kept) await writeFile(name, bytes);
    const first = 1 + (acknowledged.length - 32) / FRAME;
    return { ...files, acknowledged, longer, first, last: (longer.length - 32) / FRAME };
  }

  it('is no damage, whichever parts of it reached the disk', async () => {
    await using folder = await createTemporaryFolder('log-torn');
    const path = join(folder.path, 'state');
    const { wal, shm, acknowledged, longer, first, last } = await withUnacknowledged(path);
    expect(last - first).toBeGreaterThan(5);
    const frame = fc.integer({ min: first, max: last });
    await fc.assert(
      fc.asyncProperty(
        fc.set(frame, { minLength: 1 }),
        fc.integer({ min: 0, max: FRAME }),
        async (lost, cut) => {
          const bytes = Buffer.from(longer);
          for (const one of lost) bytes.fill(0, frameAt(one), frameAt(one) + FRAME);
          await writeFile(wal, bytes.subarray(0, bytes.length - cut));
          await rm(shm, { force: true });
          expect(await readAccounts(path)).toHaveLength(REFUSALS);
          await writeFile(wal, acknowledged);
          await rm(shm, { force: true });
          expect(isSound(inspectFile(path))).toBe(true);
        },
      ),
      { numRuns: 15 },
    );
  }, 60_000);

  it('is no damage when the next transaction stands on a part of it', async () => {
    await using folder = await createTemporaryFolder('log-leftover');
    const path = join(folder.path, 'state');
    const { wal, shm, acknowledged, longer } = await withUnacknowledged(path);
    await writeFile(wal, acknowledged);
    await rm(shm, { force: true });
    {
      await using writer = await startStateProcess(path);
      await writer.call('refuse', 'root', 'one-more');
      await writer.kill();
    }
    const next = await readFile(wal);
    expect(next.length).toBeLessThan(longer.length);
    await writeFile(wal, Buffer.concat([next, longer.subarray(next.length)]));
    expect(await readAccounts(path)).toHaveLength(REFUSALS + 1);
  });

  it('is no damage when the log was begun anew, over frames of before', async () => {
    await using folder = await createTemporaryFolder('log-restarted');
    const path = join(folder.path, 'state');
    await using writer = await startStateProcess(path);
    for (let n = 0; n < REFUSALS; n += 1) await writer.call('refuse', 'root', `esx${n}`);
    const { file, wal } = filesOf(path);
    const db = new DatabaseSync(file);
    db.exec('PRAGMA wal_checkpoint(RESTART)');
    db.close();
    await writer.call('refuse', 'root', 'one-more');
    await writer.kill();
    expect((await readFile(wal)).length).toBeGreaterThan(frameAt(REFUSALS));
    expect(await readAccounts(path)).toHaveLength(REFUSALS + 1);
  });
});

describe('a state file that is older than what was acknowledged', () => {
  it('is told, when it was put in the place of the newer one', async () => {
    await using folder = await createTemporaryFolder('log-older');
    const path = join(folder.path, 'state');
    const { file } = filesOf(path);
    await (await open(path))[Symbol.asyncDispose]();
    await copyFile(file, join(folder.path, 'backup'));
    {
      await using state = await open(path);
      await state.table.replace({ ...ACCOUNTS, sk: 'esx01' }, o);
    }
    await copyFile(join(folder.path, 'backup'), file);
    await expect(open(path)).rejects.toMatchObject({
      ...isDamage,
      message: expect.stringMatching(/its last transaction is 0, but transaction 1 was written/),
    });
    // With its notes it is what it was then.
    await rm(filesOf(path).notes);
    expect(await readAccounts(path)).toEqual([]);
  });

  it('is told by a process that runs, too', async () => {
    await using folder = await createTemporaryFolder('log-older-under-run');
    const path = join(folder.path, 'state');
    const { file, wal } = filesOf(path);
    await (await open(path))[Symbol.asyncDispose]();
    await copyFile(file, join(folder.path, 'backup'));
    await using state = await open(path);
    await state.table.replace({ ...ACCOUNTS, sk: 'esx01' }, o);
    await rm(file);
    await rm(wal);
    await copyFile(join(folder.path, 'backup'), file);
    await expect(state.table.query(ACCOUNTS, o)).rejects.toMatchObject(isDamage);
    await expect(state.table.replace({ ...ACCOUNTS, sk: 'esx02' }, o)).rejects.toMatchObject(isDamage);
  });
});

describe('a repair that fails half way', () => {
  it('leaves the damaged log to the next one', async () => {
    await using folder = await createTemporaryFolder('log-repair-fails');
    const path = join(folder.path, 'state');
    const { file, wal, notes } = await makeKilled(path);
    await rm(notes);
    await change(wal, (bytes) => flip(bytes, 8 * (frameAt(1) + 99)));
    const damaged = await readFile(wal);
    // Nothing can be made in the place of its draft.
    await mkdir(join(`${file}.new`, 'in-the-way'), { recursive: true });
    expect(() => repairFile(path, clock)).toThrow();
    expect(await readFile(wal)).toEqual(damaged);
    await rm(`${file}.new`, { recursive: true });
    const { kept } = repairFile(path, clock);
    expect(await readdir(kept ?? '')).toContain('state.sqlite-wal');
    expect(await readFile(join(kept ?? '', 'state.sqlite-wal'))).toEqual(damaged);
  });
});
