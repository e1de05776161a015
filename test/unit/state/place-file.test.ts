import fs from 'node:fs';
import { mkdtempDisposable, readdir, readFile, stat } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { makeMissing } from '../../../lib/state/sqlite/make-file.ts';
import { placeFile } from '../../../lib/state/sqlite/place-file.ts';

const temporary = () => mkdtempDisposable(join(tmpdir(), 'vsweep-test-'));
const { linkSync, existsSync } = fs;

/** What another process does in the same moment, between two calls of this one. */
function replace(calls: Partial<Pick<typeof fs, 'linkSync' | 'existsSync'>>): void {
  Object.assign(fs, calls);
  syncBuiltinESMExports();
}
afterEach(() => replace({ linkSync, existsSync }));

describe('a file that is put in its place', () => {
  it('is for its owner alone, and stays as it is the second time', async () => {
    await using folder = await temporary();
    placeFile(folder.path, 'note', 'first');
    placeFile(folder.path, 'note', 'second');
    const path = join(folder.path, 'note');
    expect(await readFile(path, 'utf8')).toBe('first');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder.path)).toEqual(['note']);
  });

  it('is that of another process which was quicker', async () => {
    await using folder = await temporary();
    replace({
      linkSync: (from, to) => {
        fs.writeFileSync(to, 'of another');
        linkSync(from, to);
      },
    });
    placeFile(folder.path, 'note', 'ours');
    expect(await readFile(join(folder.path, 'note'), 'utf8')).toBe('of another');
    expect(await readdir(folder.path)).toEqual(['note']);
  });

  it('is missed with the reason, and leaves no draft, where the file system takes no links', async () => {
    await using folder = await temporary();
    const refusal = Object.assign(new Error('EPERM'), { code: 'EPERM' });
    replace({
      linkSync: () => {
        throw refusal;
      },
    });
    expect(() => placeFile(folder.path, 'note', 'ours')).toThrow(refusal);
    expect(await readdir(folder.path)).toEqual([]);
  });
});

describe('a state file that another process makes in the same moment', () => {
  it('is taken as it is, and nobody is told that it was made anew', async () => {
    await using folder = await temporary();
    const file = join(folder.path, 'state.sqlite');
    expect(makeMissing(file)).toBe(true);
    const before = await readFile(file);
    let looks = 0;
    replace({
      existsSync: (path) => {
        if (path === file) looks += 1;
        return looks === 1 && path === file ? false : existsSync(path);
      },
    });
    expect(makeMissing(file)).toBe(false);
    expect(looks).toBe(2);
    expect(await readFile(file)).toEqual(before);
  });
});
