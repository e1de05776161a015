import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readVersionKey } from '../../../lib/state/version-key.ts';

const { signal } = new AbortController();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vsweep-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('readVersionKey', () => {
  it('makes a key of 32 bytes for its owner alone, once', async () => {
    const path = join(folder, 'once');
    const key = await readVersionKey(path, { signal });
    expect(key).toHaveLength(32);
    expect(await readVersionKey(path, { signal })).toEqual(key);
    expect((await stat(join(path, 'version.key'))).mode & 0o777).toBe(0o600);
    expect(await readdir(path)).toEqual(['version.key']);
  });

  it('makes another key in another folder', async () => {
    const keys = await Promise.all(['a', 'b'].map((name) => readVersionKey(join(folder, name), { signal })));
    expect(keys[0]).not.toEqual(keys[1]);
  });

  it('gives one key to all who make it at once', async () => {
    const path = join(folder, 'race');
    const keys = await Promise.all(Array.from({ length: 20 }, () => readVersionKey(path, { signal })));
    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1);
  });

  it('refuses a key that others can read, and one of another length', async () => {
    const path = join(folder, 'bad');
    await mkdir(path, { mode: 0o700 });
    const file = join(path, 'version.key');
    await writeFile(file, new Uint8Array(32));
    await chmod(file, 0o644);
    await expect(readVersionKey(path, { signal })).rejects.toMatchObject({
      code: 'insecure',
      message: `The key file ${file} can be read by other users of this machine. Run: chmod 600 ${file}`,
    });
    for (const size of [31, 33]) {
      await writeFile(file, new Uint8Array(size));
      await chmod(file, 0o600);
      await expect(readVersionKey(path, { signal })).rejects.toMatchObject({
        code: 'malformed',
        message:
          `The key file ${file} has ${size} bytes instead of 32. Remove it: vsweep creates a new one, and treats every ` +
          'credential from the environment and from files as changed once.',
      });
    }
  });

  it('says what is wrong with a key that cannot be read, and leaves it', async () => {
    const path = join(folder, 'odd');
    const file = join(path, 'version.key');
    await mkdir(path, { mode: 0o700 });
    await symlink(file, file);
    await expect(readVersionKey(path, { signal })).rejects.toMatchObject({
      code: 'refused',
      message: `The key file ${file} cannot be used: ELOOP: too many symbolic links encountered, open '${file}'. Check the disk and the permissions.`,
    });
    expect(await readdir(path)).toEqual(['version.key']);
  });

  it('says what is wrong when the folder cannot be made', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(readVersionKey(join(file, 'state'), { signal })).rejects.toMatchObject({ code: 'refused' });
  });
});
