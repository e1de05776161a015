import fs from 'node:fs';
import { mkdtempDisposable, readdir } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { translateError } from '../../../lib/state/sqlite/errors.ts';
import { makeMissing } from '../../../lib/state/sqlite/make-file.ts';
import { placeFile } from '../../../lib/state/sqlite/place-file.ts';

const temporary = () => mkdtempDisposable(join(tmpdir(), 'vsweep-test-'));
const { linkSync, writeFileSync } = fs;

/** What a cleaner of temporary folders does in the same moment, between two calls of this process. */
function replace(calls: Partial<Pick<typeof fs, 'linkSync' | 'writeFileSync'>>): void {
  Object.assign(fs, calls);
  syncBuiltinESMExports();
}
afterEach(() => replace({ linkSync, writeFileSync }));

function clean(folder: string): void {
  for (const name of fs.readdirSync(folder)) {
    if (name.startsWith('.')) fs.rmSync(join(folder, name), { recursive: true });
  }
}

describe('a draft that a cleaner removes first', () => {
  it.each([
    ['a file', 'note', (folder: string) => placeFile(folder, 'note', 'ours')],
    ['the state file', 'state.sqlite', (folder: string) => makeMissing(join(folder, 'state.sqlite'))],
  ])('is no fault where %s is in its place', async (_what, name, make) => {
    await using folder = await temporary();
    replace({
      linkSync: (from, to) => {
        linkSync(from, to);
        clean(folder.path);
      },
    });
    expect(() => make(folder.path)).not.toThrow();
    expect((await readdir(folder.path)).filter((one) => one.startsWith(name))).toContain(name);
  });

  it('hides no reason why the state file cannot be opened', async () => {
    await using folder = await temporary();
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
    });
    replace({
      writeFileSync: () => {
        clean(folder.path);
        throw full;
      },
    });
    const cannotOpen = Object.assign(new Error('unable to open database file'), { errcode: 14 });
    expect(translateError(cannotOpen, join(folder.path, 'state.sqlite'))).toMatchObject({ cause: full });
  });
});
