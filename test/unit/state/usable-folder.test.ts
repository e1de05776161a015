import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refuseUnusable } from '../../../lib/state/sqlite/usable-folder.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vsweep-usable-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const onType = (type: number) => () => refuseUnusable(folder, { typeOf: () => type });

describe('a folder for the state', () => {
  // Numbers of statfs(2), the third as it comes where the type is a signed number.
  it.each([
    ['NFS', 0x6969],
    ['CIFS', 0xff534d42],
    ['CIFS', 0xff534d42 | 0],
    ['SMB', 0xfe534d42],
    ['SMB', 0x517b],
    ['9p', 0x01021997],
    ['Ceph', 0x00c36400],
    ['AFS', 0x5346414f],
    ['Lustre', 0x0bd00bd0],
    ['GPFS', 0x47504653],
    ['GFS2', 0x01161970],
    ['OCFS2', 0x7461636f],
  ])('is refused on %s, which several machines may have mounted (%d)', (name, type) => {
    expect(onType(type)).toThrow(
      expect.objectContaining({
        code: 'refused',
        message:
          `The state folder ${folder} is on a network file system (${name}), where two machines could open it. ` +
          'Set state.path to a folder on a local disk.',
      }),
    );
  });

  it.each([
    ['ext4', 0xef53],
    ['XFS', 0x58465342],
    ['tmpfs', 0x01021994],
  ])('is taken on %s', (_name, type) => {
    expect(onType(type)).not.toThrow();
  });

  it('is looked up at the system where nobody says otherwise', () => {
    expect(() => refuseUnusable(folder)).not.toThrow();
    expect(() => refuseUnusable(join(folder, 'gone'))).toThrow('ENOENT');
  });

  it('is refused with files of a version that was never released, with the line that removes them', async () => {
    await mkdir(join(folder, 'table'));
    expect(onType(0xef53)).not.toThrow();
    await writeFile(join(folder, 'table', 'CURRENT'), '');
    const old = ['table', 'lock', 'owner.pid', 'socket'].map((name) => join(folder, name)).join(' ');
    expect(onType(0xef53)).toThrow(
      expect.objectContaining({
        code: 'refused',
        message:
          `The state folder ${folder} was written by a version that was never released. Remove its files, with its ` +
          `record of refused logins and host keys: rm -r ${old}. If accounts were refused, correct them before the next run.`,
      }),
    );
  });
});
