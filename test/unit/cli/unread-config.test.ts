import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sayUnread } from '../../../lib/cli/unread-config.ts';
import { OwnerError } from '../../../lib/platform/owner.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/peers/temporary-folder.ts';

const fault = (code: string, text = 'it failed') => Object.assign(new Error(text), { code });

describe('a configuration that cannot be read', () => {
  let folder: TemporaryFolder;
  const at = (name: string) => join(folder.path, name);
  beforeAll(async () => {
    folder = await createTemporaryFolder('unread-config');
    for (const [name, ...files] of [
      ['empty', 'notes.txt', 'a.yaml.bak'],
      ['several', 'z.yml', 'b$.YAML', 'notes.txt'],
      ['usual', 'a.yaml', 'vsweep.yaml'],
    ] as const) {
      mkdirSync(at(name));
      for (const file of files) writeFileSync(join(at(name), file), '');
    }
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  it('is a folder: the file in it that is meant', async () => {
    expect(await sayUnread(at('usual'), fault('EISDIR'))).toBe(
      `is a folder; name a file in it: --config ${at('usual/vsweep.yaml')}`,
    );
    expect(await sayUnread(at('several'), fault('EISDIR'))).toBe(
      `is a folder; name a file in it: --config '${at('several/b$.YAML')}'`,
    );
    expect(await sayUnread(at('empty'), fault('EISDIR'))).toBe(
      'is a folder without a YAML file; name a file with --config',
    );
  });

  it('is missing: the file beside it that is meant, or another one', async () => {
    expect(await sayUnread(at('usual/vsweep.yml'), fault('ENOENT'))).toBe(
      `cannot be read: it failed; did you mean --config ${at('usual/vsweep.yaml')}?`,
    );
    expect(await sayUnread(at('empty/vsweep.yml'), fault('ENOENT'))).toBe(
      'cannot be read: it failed; name another file with --config',
    );
    expect(await sayUnread(at('none/vsweep.yml'), fault('ENOENT'))).toBe(
      'cannot be read: it failed; name another file with --config',
    );
  });

  it('is the usual one of a folder without any: how to begin', async () => {
    expect(await sayUnread('vsweep.yaml', fault('ENOENT'))).toBe(
      'cannot be read: it failed; name another file with --config, or set the environment variables of esxi-exporter or ' +
        'vmware_exporter. To begin, copy an example: cp examples/inventory.yaml vsweep.yaml',
    );
  });

  it('has no remedy beside that of the fault where it belongs to somebody else', async () => {
    expect(await sayUnread(at('usual/a.yaml'), new OwnerError('belongs to user 7', { code: 'owner' }))).toBe(
      'cannot be read: belongs to user 7',
    );
  });

  it.each([fault('EACCES'), new Error('it failed'), Object.assign(new Error('it failed'), { code: 1 })])(
    'can be replaced by another one for any other fault',
    async (error) => {
      expect(await sayUnread(at('usual/a.yaml'), error)).toBe(
        'cannot be read: it failed; name another file with --config',
      );
    },
  );
});
