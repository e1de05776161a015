import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const OWNER = resolve('lib/platform/owner.ts');
const READER = 12_345;
const SERVICE = 54_321;

/** What a process of an unprivileged user hears of a file. */
async function hears(path: string): Promise<string> {
  const script = `import { readOwnText } from ${JSON.stringify(OWNER)};
    console.log(await readOwnText(${JSON.stringify(path)}).catch((error) => error.message));`;
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    uid: READER,
    gid: READER,
    timeout: 20_000,
  });
  return (await run).stdout.trim();
}

/** A process of another user is started by root alone. */
describe.runIf(process.geteuid?.() === 0)('a file that this user may not read', () => {
  const made = async (folder: string) => {
    const path = join(folder, 'etc', 'vsweep.yaml');
    await chmod(folder, 0o755);
    await mkdir(join(folder, 'etc'), { mode: 0o755 });
    await writeFile(path, 'targets', { mode: 0o600 });
    return path;
  };

  it('is left to the service that it belongs to: vsweep is to run as that user', async () => {
    await using folder = await createTemporaryFolder('closed');
    const path = await made(folder.path);
    await chown(path, SERVICE, SERVICE);
    expect(await hears(path)).toBe(
      `EACCES: permission denied, open '${path}': it belongs to user ${SERVICE}. Run vsweep as that user: sudo -u '#${SERVICE}' vsweep status`,
    );
  });

  it('is told by its folder, if that is what is closed', async () => {
    await using folder = await createTemporaryFolder('closed');
    const path = await made(folder.path);
    await chmod(path, 0o644);
    await chmod(join(folder.path, 'etc'), 0o700);
    expect(await hears(path)).toMatch(
      `: the folder ${folder.path}/etc belongs to user 0. Run vsweep as that user: sudo -u '#0' vsweep status`,
    );
  });

  it('is opened by its own user', async () => {
    await using folder = await createTemporaryFolder('closed');
    const path = await made(folder.path);
    await chown(path, READER, READER);
    await chmod(path, 0);
    expect(await hears(path)).toMatch(`it belongs to user ${READER}. Run: chmod u+r ${path}`);
  });
});
