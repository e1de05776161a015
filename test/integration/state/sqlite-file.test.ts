import { spawnSync } from 'node:child_process';
import {
  chmod,
  copyFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/platform/clock.ts';
import { createLineLog, silentLog } from '../../../lib/platform/log.ts';
import { openDatabase } from '../../../lib/state/sqlite/database.ts';
import { translateError } from '../../../lib/state/sqlite/errors.ts';
import { isSound } from '../../../lib/state/sqlite/inspect.ts';
import { openEmbeddedState } from '../../../lib/state/sqlite/open.ts';
import { inspectFile } from '../../../lib/state/sqlite/repair.ts';
import { toRow } from '../../../lib/state/sqlite/rows.ts';
import { createState } from '../../../lib/state/state.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { startStateProcess } from './start-state-process.ts';

const o = { signal: new AbortController().signal };
const KEY = { pk: 'p', sk: 's' };
const MINUTE = 60_000;
const open = (path: string, more: object = {}) => openEmbeddedState({ path, log: silentLog, ...more }, o);
const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

function createTellingLog() {
  const told: string[] = [];
  return { told, log: createLineLog({ write: (line) => told.push(line), level: 'warn' }) };
}

const made = async (path: string) => {
  await (await open(path))[Symbol.asyncDispose]();
  return path;
};

/** Opens the folder in a process that is killed in place of its `n`th change of the file system; false when it made fewer. */
function killAtCall(n: number, path: string): boolean {
  const script = `
    const fs = require('node:fs');
    let left = ${n};
    for (const name of ['mkdirSync', 'mkdtempSync', 'openSync', 'fsyncSync', 'linkSync', 'renameSync', 'rmSync']) {
      const call = fs[name];
      fs[name] = (...args) => {
        if (left === 0) process.kill(process.pid, 'SIGKILL');
        left -= 1;
        return call(...args);
      };
    }
    require('node:module').syncBuiltinESMExports();
    import(${JSON.stringify(join(import.meta.dirname, '../../../lib/state/sqlite/make-file.ts'))}).then(
      ({ makeMissing }) => makeMissing(process.argv[1]),
    );`;
  const ended = spawnSync(process.execPath, ['-e', script, join(path, 'state.sqlite')], { encoding: 'utf8' });
  if (ended.status !== null && ended.status !== 0) throw new Error(ended.stderr);
  return ended.signal === 'SIGKILL';
}

describe('the state file', () => {
  it('is for its owner alone, with all that SQLite puts beside it', async () => {
    await using folder = await createTemporaryFolder('sqlite-mode');
    const path = join(folder.path, 'new', 'state');
    await using state = await open(path);
    await state.table.replace(KEY, o);
    expect(await modeOf(path)).toBe('700');
    const files = (await readdir(path)).filter((name) => name !== 'open');
    expect(files.toSorted()).toEqual([
      'acknowledged',
      'state.lock',
      'state.sqlite',
      'state.sqlite-shm',
      'state.sqlite-wal',
    ]);
    for (const file of files) expect(await modeOf(join(path, file))).toBe('600');
    await chmod(path, 0o750);
    await expect(open(path)).rejects.toMatchObject({
      code: 'insecure',
      message: expect.stringContaining(`chmod 700 ${path}`),
    });
  });

  it('keeps everything when it is closed, without a log', async () => {
    await using folder = await createTemporaryFolder('sqlite-kept');
    const item = { ...KEY, n: 1, list: ['a'], bytes: new Uint8Array([0, 255]) };
    {
      await using state = await open(folder.path);
      await state.table.replace(item, o);
    }
    expect(await readdir(folder.path)).toEqual(['acknowledged', 'open', 'state.lock', 'state.sqlite']);
    expect(await readdir(join(folder.path, 'open'))).toEqual([]);
    await using state = await open(folder.path);
    expect(await state.table.get(KEY, o)).toEqual(item);
  });

  it('says when it is new although the folder is old, or goes while it is open, and is written again', async () => {
    await using folder = await createTemporaryFolder('sqlite-vanished');
    const path = join(folder.path, 'state');
    const { told, log } = createTellingLog();
    {
      await using state = await open(path, { log });
      await state.table.replace(KEY, o);
      expect(told).toEqual([]);
      await rm(path, { recursive: true });
      expect(await state.table.get(KEY, o)).toBeUndefined();
      expect(told).toEqual([expect.stringMatching(/was missing and is created anew.*refused logins/)]);
      await state.table.replace(KEY, o);
      await using other = await open(path);
      expect(await other.table.get(KEY, o)).toEqual(KEY);
    }
    await rm(join(path, 'state.sqlite'));
    await writeFile(join(path, 'version.key'), new Uint8Array(32), { mode: 0o600 });
    await using _again = await open(path, { log });
    expect(told).toHaveLength(2);
  });

  it('that is made anew takes nothing from the log of the one that went, which is kept', async () => {
    await using folder = await createTemporaryFolder('sqlite-old-log');
    const path = join(folder.path, 'state');
    const [file, wal] = [join(path, 'state.sqlite'), join(path, 'state.sqlite-wal')];
    const saved = join(folder.path, 'wal');
    {
      await using state = await open(path);
      await state.table.replace({ ...KEY, n: 1 }, o);
      await copyFile(wal, saved);
    }
    await rm(file);
    await copyFile(saved, wal);
    // Two at once: the second one finds a log that is in use, and leaves it there.
    const both = await Promise.all([open(path), open(path)]);
    for (const state of both) expect(await state.table.get(KEY, o)).toBeUndefined();
    await both[0].table.replace({ ...KEY, n: 2 }, o);
    expect(await both[1].table.get(KEY, o)).toMatchObject({ n: 2 });
    for (const state of both) await state[Symbol.asyncDispose]();
    const left = (await readdir(path)).filter((name) => name.startsWith('left-'));
    expect(left).toHaveLength(1);
    expect(await readFile(join(path, left[0] ?? '', 'state.sqlite-wal'))).toEqual(await readFile(saved));
  });

  it('is not found by another process before the log of the one that went is out of the way', async () => {
    await using folder = await createTemporaryFolder('sqlite-many-makers');
    const path = join(folder.path, 'state');
    await (await startStateProcess(path)).close();
    const saved = join(folder.path, 'wal');
    {
      await using state = await open(path);
      await state.table.replace({ ...KEY, n: 1 }, o);
      await copyFile(join(path, 'state.sqlite-wal'), saved);
    }
    await rm(join(path, 'state.sqlite'));
    await copyFile(saved, join(path, 'state.sqlite-wal'));
    const processes = await Promise.all([1, 2, 3].map(() => startStateProcess(path)));
    await Promise.all(processes.map((one, n) => one.call('pin', `esx${n}:22`, `key${n}`)));
    for (const one of processes) expect(await one.close()).not.toMatch(/damaged/);
    expect(isSound(inspectFile(path))).toBe(true);
    await using state = await open(path);
    expect(await state.table.get(KEY, o)).toBeUndefined();
  });

  it('leaves no log when it is closed in order, though reads were broken off and its statements stand', async () => {
    await using folder = await createTemporaryFolder('sqlite-closed-log');
    for (const path of ['one', 'two'].map((name) => join(folder.path, name))) {
      const { db, operations, ...connection } = openDatabase(await made(path));
      for (const sk of ['a', 'b', 'c']) operations.write({ kind: 'put', row: toRow({ pk: 'p', sk }) });
      const broken = db.prepare('SELECT pk FROM items').iterate();
      expect(broken.next().done).toBe(false);
      expect(operations.query({ pk: 'p', skRange: ['a', 'a'] })).toHaveLength(1);
      expect(await readdir(path)).toContain('state.sqlite-wal');
      connection[Symbol.dispose]();
      expect((await readdir(path)).filter((name) => name.startsWith('state.sqlite'))).toEqual([
        'state.sqlite',
      ]);
    }
  });

  it('is told to be new by each process that had the other one open, whoever made it', async () => {
    await using folder = await createTemporaryFolder('sqlite-told');
    const path = join(folder.path, 'state');
    const [one, other] = [createTellingLog(), createTellingLog()];
    await using writes = await open(path, { log: one.log });
    await using reads = await open(path, { log: other.log });
    await writes.table.replace(KEY, o);
    await reads.table.get(KEY, o);
    for (const name of await readdir(path)) if (name.startsWith('state.sqlite')) await rm(join(path, name));
    // Made by the thread that writes.
    await writes.table.replace(KEY, o);
    expect(await reads.table.get(KEY, o)).toEqual(KEY);
    for (const { told } of [one, other])
      expect(told).toEqual([expect.stringMatching(/was missing and is created anew.*refused logins/)]);
  });

  it('that is made anew under a process has the users of whose refusals that one tells', async () => {
    await using folder = await createTemporaryFolder('sqlite-users');
    const path = join(folder.path, 'state');
    await using embedded = await open(path);
    const { accounts } = createState({ ...embedded, clock: systemClock });
    await accounts.recordRefusal('root', 'esx01', { version: 'v1' }, o);
    for (const name of await readdir(path)) if (name.startsWith('state.sqlite')) await rm(join(path, name));
    await accounts.recordRefusal('root', 'esx02', { version: 'v1' }, o);
    expect((await accounts.list(o)).map(({ address }) => address)).toEqual(['esx02']);
  });

  it('that is made anew takes nothing from an old log, at whatever point its maker is killed', async () => {
    await using folder = await createTemporaryFolder('sqlite-killed-maker');
    const path = join(folder.path, 'state');
    const saved = join(folder.path, 'wal');
    {
      await using state = await open(path);
      await state.table.replace({ ...KEY, n: 1 }, o);
      await copyFile(join(path, 'state.sqlite-wal'), saved);
    }
    let kills = 0;
    for (let isKilled = true; isKilled; kills += 1) {
      await rm(path, { recursive: true });
      await mkdir(path, { mode: 0o700 });
      await copyFile(saved, join(path, 'state.sqlite-wal'));
      isKilled = killAtCall(kills, path);
      await using state = await open(path);
      expect([kills, await state.table.get(KEY, o)]).toEqual([kills, undefined]);
      await state.table.replace({ ...KEY, n: 2 }, o);
    }
    expect(kills).toBeGreaterThan(8);
  }, 60_000);

  it('is unavailable once it is closed', async () => {
    await using folder = await createTemporaryFolder('sqlite-closed');
    const state = await open(folder.path);
    await state[Symbol.asyncDispose]();
    const gone = { name: 'StateError', code: 'unavailable' };
    await expect(state.table.get(KEY, o)).rejects.toMatchObject(gone);
    await expect(state.table.replace(KEY, o)).rejects.toMatchObject(gone);
  });
});

describe('a lock that another process holds', () => {
  it('is waited for without standing still, and no longer than the caller wants; nothing is written then', async () => {
    await using folder = await createTemporaryFolder('sqlite-busy');
    await using state = await open(folder.path);
    await state.table.replace({ ...KEY, n: 1 }, o);
    const other = new DatabaseSync(join(folder.path, 'state.sqlite'));
    other.exec('BEGIN IMMEDIATE');
    const [caller, reason] = [new AbortController(), new Error('enough')];
    const writing = state.table.replace({ ...KEY, n: 2 }, caller);
    const written = state.table.update({ ...KEY, sk: 'later' }, { add: { n: 1 } }, o);
    // Reads wait for nobody.
    expect(await state.table.get(KEY, o)).toMatchObject({ n: 1 });
    let turns = 0;
    for (; turns < 20; turns += 1) await systemClock.sleep(1, o);
    caller.abort(reason);
    await expect(writing).rejects.toBe(reason);
    other.exec('COMMIT');
    other.close();
    expect(await written).toMatchObject({ n: 1 });
    expect(await state.table.get(KEY, o)).toMatchObject({ n: 1 });
  });
});

describe('a failure of the file', () => {
  it('is explained without giving up the locks of this process, so that nobody takes the file from it', async () => {
    await using folder = await createTemporaryFolder('sqlite-reason');
    const file = join(folder.path, 'state.sqlite');
    await using state = await open(folder.path);
    await state.table.replace({ ...KEY, n: 1 }, o);
    const cannotOpen = Object.assign(new Error('unable to open database file'), { errcode: 14 });
    expect(translateError(cannotOpen, file)).toMatchObject({ code: 'refused' });
    // Who is alone with the file may remove its log, and the locks say who is.
    const script = `const { DatabaseSync } = require('node:sqlite');
      new DatabaseSync(process.argv[1]).exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');`;
    const other = spawnSync(process.execPath, ['-e', script, file], { encoding: 'utf8' });
    expect(other.stderr).toContain('database is locked');
    expect(await readdir(folder.path)).toContain('state.sqlite-wal');
    await state.table.update(KEY, { add: { n: 1 } }, o);
    expect(await state.table.get(KEY, o)).toMatchObject({ n: 2 });
  });

  it('tells why there is no file yet, and not that there is none', async () => {
    await using folder = await createTemporaryFolder('sqlite-no-room');
    const starting = startStateProcess(join(folder.path, 'state'), {}, { fileBlocks: 8 });
    await expect(starting).rejects.toThrow(/cannot be opened: EFBIG.*Raise "ulimit -f"/);
    await expect(starting).rejects.not.toThrow(/ENOENT/);
    expect(await readdir(join(folder.path, 'state'))).toEqual(['open', 'state.lock']);
  });
});

describe('a folder that cannot hold the state', () => {
  it('is refused on a network file system', async () => {
    await using folder = await createTemporaryFolder('sqlite-nfs');
    await expect(open(folder.path, { fileSystemType: () => 0x6969 })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(
        /network file system \(NFS\).*Set state\.path to a folder on a local disk/,
      ),
    });
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('is refused when it is of the older kind, with the line that removes what it kept', async () => {
    await using folder = await createTemporaryFolder('sqlite-older');
    await mkdir(join(folder.path, 'table'));
    await writeFile(join(folder.path, 'table', 'CURRENT'), 'MANIFEST-000001\n');
    await expect(open(folder.path)).rejects.toThrow(`rm -r ${folder.path}/table ${folder.path}/lock`);
  });

  it('is refused when a newer vsweep wrote it', async () => {
    await using folder = await createTemporaryFolder('sqlite-newer');
    await (await open(folder.path))[Symbol.asyncDispose]();
    const db = new DatabaseSync(join(folder.path, 'state.sqlite'));
    db.exec('PRAGMA user_version = 99');
    db.close();
    await expect(open(folder.path)).rejects.toThrow(
      /newer vsweep \(layout 99, and this one reads 1\).*mv \S+state\.sqlite \S+state\.sqlite-\*/,
    );
  });

  it('is refused where a folder stands in the place of the file, and says so', async () => {
    await using folder = await createTemporaryFolder('sqlite-eisdir');
    await mkdir(join(folder.path, 'state.sqlite'));
    await expect(open(folder.path)).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/EISDIR.*There is a folder of this name: move it away/),
    });
  });
});

describe('a process of another kernel', () => {
  const here = { bootId: 'here', bootedAt: Date.now() - 60 * MINUTE };
  const mark = async (path: string, name: string, touchedAt: number) => {
    await mkdir(join(path, 'open'), { recursive: true });
    await writeFile(join(path, 'open', name), '');
    await utimes(join(path, 'open', name), touchedAt / 1_000, touchedAt / 1_000);
  };

  it('that has the state open is the reason to refuse, and docker exec the way', async () => {
    await using folder = await createTemporaryFolder('sqlite-kernels');
    await mark(folder.path, 'elsewhere.1', Date.now() - MINUTE);
    await expect(open(folder.path, { kernel: here })).rejects.toThrow(/another kernel.*docker exec/);
    await using _first = await open(folder.path, { kernel: { ...here, bootId: 'elsewhere' } });
    await expect(open(folder.path, { kernel: here })).rejects.toThrow(/another kernel/);
  });

  it('is nobody when this kernel has booted since, or nobody has touched its mark for minutes', async () => {
    await using folder = await createTemporaryFolder('sqlite-rebooted');
    await mark(folder.path, 'before.1', Date.now() - MINUTE);
    await using _booted = await open(folder.path, {
      kernel: { bootId: 'here', bootedAt: Date.now() - 30_000 },
    });
    await mark(folder.path, 'killed.1', Date.now() - 3 * MINUTE);
    await using _other = await open(folder.path, { kernel: here });
    expect((await readdir(join(folder.path, 'open'))).every((name) => name.startsWith('here.'))).toBe(true);
  });
});

describe('a copy of a state folder', () => {
  it('in another place is another state', async () => {
    await using folder = await createTemporaryFolder('sqlite-moved');
    const [one, other] = [join(folder.path, 'one'), join(folder.path, 'other')];
    {
      await using state = await open(one);
      await state.table.replace({ ...KEY, n: 1 }, o);
    }
    await rename(one, other);
    await using state = await open(other);
    expect(await state.table.get(KEY, o)).toMatchObject({ n: 1 });
  });
});
