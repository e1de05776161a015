import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { chmod, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCredentialFile } from '../../../lib/credentials/read-credential-file.ts';

const { signal } = new AbortController();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vsweep-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('readCredentialFile', () => {
  it('gives the text with the permission bits', async () => {
    const path = join(folder, 'plain');
    await writeFile(path, 'username: root\n');
    await chmod(path, 0o640);
    const { text, mode } = await readCredentialFile(path, { signal });
    expect(text).toBe('username: root\n');
    expect(mode & 0o777).toBe(0o640);
  });

  it('refuses a folder, a pipe that nobody writes to, and a file without end', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('sh', ['-c', 'mkfifo "$0"', pipe]);
    const large = join(folder, 'large');
    await writeFile(large, 'x'.repeat(65_537));
    await expect(readCredentialFile(folder, { signal })).rejects.toThrow('not a regular file');
    await expect(readCredentialFile(pipe, { signal })).rejects.toThrow('not a regular file');
    await expect(readCredentialFile('/dev/zero', { signal })).rejects.toThrow('not a regular file');
    await expect(readCredentialFile(large, { signal })).rejects.toThrow('larger than 65536 bytes');
    await writeFile(large, 'x'.repeat(65_536));
    expect((await readCredentialFile(large, { signal })).text).toHaveLength(65_536);
  });

  it('opens nothing under a signal that has aborted, and leaves nothing open', async () => {
    const path = join(folder, 'open');
    await writeFile(path, 'username: root\n');
    await expect(readCredentialFile(path, { signal: AbortSignal.abort('over') })).rejects.toBe('over');
    const openFiles = () =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`) === path;
        } catch {
          return false;
        }
      });
    await readCredentialFile(path, { signal });
    await truncate(path, 65_537);
    await expect(readCredentialFile(path, { signal })).rejects.toThrow('larger');
    expect(openFiles()).toEqual([]);
  });

  it('rejects with the code of the file system', async () => {
    await expect(readCredentialFile(join(folder, 'absent'), { signal })).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });
});
