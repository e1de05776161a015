import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtempDisposable, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isBusy, isDamage, translateError } from '../../../lib/state/sqlite/errors.ts';

const temporary = () => mkdtempDisposable(join(tmpdir(), 'vsweep-test-'));

/** As `node:sqlite` throws them: https://sqlite.org/rescode.html */
const ofSqlite = (errcode: number) => Object.assign(new Error('its words'), { errcode });
const ofSystem = (code: string) => Object.assign(new Error(`${code}: its words`), { code, syscall: 'open' });

describe('what SQLite says of the state file', () => {
  it.each([
    [
      'BUSY',
      5,
      'unavailable',
      'was locked by another process for too long. Find a vsweep process that is stopped or hangs: fuser -v FILE',
    ],
    [
      'LOCKED',
      6,
      'unavailable',
      'was locked by another process for too long. Find a vsweep process that is stopped or hangs: fuser -v FILE',
    ],
    [
      'READONLY',
      8,
      'refused',
      'cannot be written. Run vsweep as the owner of its folder, which must be writable',
    ],
    ['IOERR', 10, 'unavailable', 'cannot be read or written. Check its disk: health, free space, quota'],
    [
      'IOERR_WRITE, an extended code',
      778,
      'unavailable',
      'cannot be read or written. Check its disk: health, free space, quota',
    ],
    ['ERROR', 1, 'damaged', 'is damaged. To see what is lost, run: vsweep state check'],
    ['CORRUPT', 11, 'damaged', 'is damaged. To see what is lost, run: vsweep state check'],
    ['FULL', 13, 'unavailable', 'cannot grow, because its disk is full. Free space there'],
    ['NOTADB', 26, 'damaged', 'is damaged. To see what is lost, run: vsweep state check'],
  ])('is told with what to do: %s', async (_name, errcode, code, what) => {
    await using folder = await temporary();
    const file = join(folder.path, 'state.sqlite');
    await writeFile(file, '');
    const error = ofSqlite(errcode);
    expect(translateError(error, file)).toMatchObject({
      code,
      cause: error,
      message: `The state file ${file} ${what.replace('FILE', file)} (SQLite: its words).`,
    });
  });

  it('waits for nobody but who holds a lock, and takes nothing else for damage', () => {
    const codes = [0, 1, 5, 6, 8, 10, 11, 13, 14, 26];
    expect(codes.filter((code) => isBusy(ofSqlite(code)))).toEqual([5, 6]);
    expect(codes.filter((code) => isDamage(ofSqlite(code)))).toEqual([1, 11, 26]);
    expect([isBusy('text'), isDamage(undefined)]).toEqual([false, false]);
  });
});

describe('what the system says of the state file', () => {
  it.each([
    ['EACCES', 'Run vsweep as the owner of the folder'],
    ['EPERM', 'Run vsweep as the owner of the folder'],
    ['EISDIR', 'There is a folder of this name: move it away'],
    ['EFBIG', 'Raise "ulimit -f" (LimitFSIZE= of a service)'],
    ['ENOSPC', 'Or set state.path to a folder on another disk'],
    ['EDQUOT', 'Or set state.path to a folder on another disk'],
    ['ENXIO', 'Check the rights on its folder and the disk, or set state.path'],
  ])('is told with what to do: %s', (code, remedy) => {
    const error = ofSystem(code);
    const translated = translateError(error, '/state/state.sqlite') as Error;
    expect(translated).toMatchObject({ name: 'StateError', code: 'refused', cause: error });
    expect(translated.message).toMatch(
      `The state file /state/state.sqlite cannot be opened: ${code}: its words`,
    );
    expect(translated.message.endsWith(`. ${remedy}.`), translated.message).toBe(true);
  });

  it.runIf(existsSync('/proc/self/fd'))('leaves no descriptor open that was tried to learn why', async () => {
    await using folder = await temporary();
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    for (let times = 0; times < 50; times += 1)
      translateError(ofSqlite(14), join(folder.path, 'state.sqlite'));
    expect(open()).toBeLessThan(before + 50);
  });

  it('is left as it is where it is about no call of the system', () => {
    const error = Object.assign(new Error('ours'), { code: 'EACCES' });
    expect(translateError(error, '/state/state.sqlite')).toBe(error);
  });
});

describe('a file that SQLite cannot open, which keeps the reason to itself', () => {
  const CANNOT_OPEN = ofSqlite(14);

  it('is a folder', async () => {
    await using folder = await temporary();
    const file = join(folder.path, 'state.sqlite');
    await mkdir(file);
    expect(translateError(CANNOT_OPEN, file)).toMatchObject({
      code: 'refused',
      message:
        `The state file ${file} cannot be opened: EISDIR: illegal operation on a directory, open '${file}'. ` +
        'There is a folder of this name: move it away.',
    });
  });

  it('has no folder', async () => {
    await using folder = await temporary();
    const file = join(folder.path, 'gone', 'state.sqlite');
    expect(translateError(CANNOT_OPEN, file)).toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/cannot be opened: ENOENT.*Check the rights on its folder/),
    });
  });

  it('is not there, and nothing is left of what was tried to learn why', async () => {
    await using folder = await temporary();
    const file = join(folder.path, 'state.sqlite');
    expect(translateError(CANNOT_OPEN, file)).toMatchObject({ code: 'refused', cause: CANNOT_OPEN });
    expect(await readdir(folder.path)).toEqual([]);
  });
});
