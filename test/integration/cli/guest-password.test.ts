import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { withGuestPassword } from '../../../lib/cli/guest-password.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const MODULE = fileURLToPath(new URL('../../../lib/cli/guest-password.ts', import.meta.url));

describe('withGuestPassword', () => {
  it('takes the first line of a file, and none of it into a message', async () => {
    await using folder = await createTemporaryFolder('guest');
    const file = join(folder.path, 'password');
    await writeFile(file, ' tops3cret \r\nnext\n');
    expect(await withGuestPassword({ guestPasswordFile: file })).toMatchObject({
      guestPassword: ' tops3cret ',
    });
    await writeFile(file, '\ntops3cret');
    const wrong = await withGuestPassword({ guestPasswordFile: file }).catch((error: Error) => error);
    expect(wrong).toMatchObject({ issues: [{ path: '--guest-password-file' }] });
    expect(String(wrong)).not.toContain('tops3cret');
  });

  it('takes standard input for a dash', () => {
    const script = `import(${JSON.stringify(MODULE)}).then((m) => m.withGuestPassword({ guestPasswordFile: '-' })).then((o) => process.stdout.write(o.guestPassword))`;
    const { stdout } = spawnSync(process.execPath, ['-e', script], {
      input: 'tops3cret\n',
      encoding: 'utf8',
    });
    expect(stdout).toBe('tops3cret');
  });

  it('says of an empty standard input that it is that', () => {
    const script = `import(${JSON.stringify(MODULE)}).then((m) => m.withGuestPassword({ guestPasswordFile: '-' })).catch((e) => process.stdout.write(e.message))`;
    const { stdout } = spawnSync(process.execPath, ['-e', script], { input: '\n', encoding: 'utf8' });
    expect(stdout).toContain('--guest-password-file: standard input has no password in its first line');
  });

  it('leaves alone what names no file', async () => {
    const options = { guestPassword: 'given' };
    expect(await withGuestPassword(options)).toBe(options);
    await expect(withGuestPassword({ guestPasswordFile: '/nowhere/file' })).rejects.toMatchObject({
      issues: [{ message: expect.stringContaining('/nowhere/file cannot be read: ENOENT') }],
    });
  });
});
