import { chmod, chown, mkdir, mkdtempDisposable, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makePrivateFolder } from '../../../lib/state/private-folder.ts';
import { readVersionKey } from '../../../lib/state/version-key.ts';

const { signal } = new AbortController();

describe('the state folder', () => {
  it('is made for its owner alone, with those above it', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'vsweep-test-'));
    const path = join(folder.path, 'a', 'b');
    makePrivateFolder(path, { signal });
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    makePrivateFolder(path, { signal });
  });

  it.each([0o710, 0o701, 0o755])('is refused when others can use it (%o)', async (mode) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'vsweep-test-'));
    await chmod(folder.path, mode);
    expect(() => makePrivateFolder(folder.path, { signal })).toThrow(
      expect.objectContaining({
        code: 'insecure',
        message: `The state folder ${folder.path} can be read by other users of this machine. Run: chmod 700 ${folder.path}`,
      }),
    );
  });

  it.runIf(process.geteuid?.() === 0)(
    'is refused when it belongs to another user, who could take the record of refusals away',
    async () => {
      await using folder = await mkdtempDisposable(join(tmpdir(), 'vsweep-test-'));
      await chown(folder.path, 12_345, 12_345);
      expect(() => makePrivateFolder(folder.path, { signal })).toThrow(
        expect.objectContaining({
          code: 'insecure',
          message: `The state folder ${folder.path} cannot be used: it belongs to user 12345, who can change it, and not to this user (0) or root. Run vsweep as that user: sudo -u '#12345' vsweep status; or, if that user runs no vsweep with it: sudo chown 0 ${folder.path}`,
        }),
      );
    },
  );

  it('says why it cannot be made', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'vsweep-test-'));
    const path = join(folder.path, 'file');
    await writeFile(path, '');
    expect(() => makePrivateFolder(join(path, 'state'), { signal })).toThrow(
      expect.objectContaining({
        code: 'refused',
        message: expect.stringMatching(
          /^The state folder .*\/file\/state cannot be created or read: ENOTDIR.*\. Make it writable, or set state\.path\.$/,
        ),
        cause: expect.objectContaining({ code: 'ENOTDIR' }),
      }),
    );
  });

  it('ends with an error where the folder above says for ever that there is none', () => {
    expect(() => makePrivateFolder('/proc/vsweep/state', { signal })).toThrow(
      /^The state folder \/proc\/vsweep\/state cannot be created or read: ENOENT: .* in \/proc\. Make it writable, or set state\.path\.$/,
    );
  });

  it('is refused where its path is that of a file', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'vsweep-test-'));
    const path = join(folder.path, 'file');
    await writeFile(path, '', { mode: 0o600 });
    expect(() => makePrivateFolder(path, { signal })).toThrow(
      /cannot be created or read: it is not a folder\. Name a folder in state\.path\.$/,
    );
  });

  it('is not made under a signal that has aborted', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'vsweep-test-'));
    const path = join(folder.path, 'a');
    expect(() => makePrivateFolder(path, { signal: AbortSignal.abort(new Error('over')) })).toThrow('over');
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('a key file that cannot be used', () => {
  it('is named, with why and what to do', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'vsweep-test-'));
    const path = join(folder.path, 'loop');
    await mkdir(path, { mode: 0o700 });
    const file = join(path, 'version.key');
    await symlink('version.key', file);
    await expect(readVersionKey(path, { signal })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(
        /^The key file .*\/version\.key cannot be used: ELOOP.*\. Check the disk and the permissions\.$/,
      ),
    });
  });

  it('says how long it is, and what becomes of the versions', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'vsweep-test-'));
    const file = join(folder.path, 'version.key');
    for (const bytes of [31, 33]) {
      await writeFile(file, new Uint8Array(bytes), { mode: 0o600 });
      await expect(readVersionKey(folder.path, { signal })).rejects.toMatchObject({
        code: 'malformed',
        message:
          `The key file ${file} has ${bytes} bytes instead of 32. Remove it: vsweep creates a new one, and treats every ` +
          'credential from the environment and from files as changed once.',
      });
    }
  });
});
