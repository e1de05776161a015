import { spawnSync } from 'node:child_process';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const NOBODY = 65_534;

/**
 * Opens the state at a path without any right to it: as nobody, where the tests run as root, who may do everything. The
 * modules are loaded before.
 */
function openWithoutRight(path: string): string {
  const script = `
    const { openEmbeddedState } = await import('./lib/state/sqlite/open.ts');
    const { silentLog } = await import('./lib/platform/log.ts');
    const { signal } = new AbortController();
    if (process.getuid() === 0) {
      process.setgroups([]);
      process.setgid(${NOBODY});
      process.setuid(${NOBODY});
    }
    try {
      await openEmbeddedState({ path: ${JSON.stringify(path)}, log: silentLog }, { signal });
      process.stdout.write('opened');
    } catch (error) {
      process.stdout.write(error.name + ' ' + error.message);
    }
    process.exit();
  `;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).stdout;
}

describe('a state without the right to it is refused by EACCES, with what to do', () => {
  it.each([
    ['a folder above that may not be entered', { above: 0o000, itself: undefined }, 'Make it writable'],
    ['a folder above that may not be written', { above: 0o555, itself: undefined }, 'Make it writable'],
    [
      'a folder that is there, of another user',
      { above: 0o755, itself: 0o000 },
      'Run vsweep as the owner of the folder',
    ],
  ])('%s', async (_what, { above, itself }, remedy) => {
    await using folder = await createTemporaryFolder('state-eacces');
    const path = join(folder.path, 'state');
    try {
      if (itself !== undefined) {
        await mkdir(path);
        await chmod(path, itself);
      }
      await chmod(folder.path, above);
      const said = openWithoutRight(path);
      expect(said).toMatch(/^StateError The state .* cannot be .*EACCES: permission denied, /);
      expect(said).toContain(remedy);
    } finally {
      await chmod(folder.path, 0o700);
      if (itself !== undefined) await chmod(path, 0o700);
    }
  });
});
