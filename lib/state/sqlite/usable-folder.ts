import { existsSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { StateError } from '../errors.ts';

/**
 * File systems of several machines, by their number in statfs(2): https://man7.org/linux/man-pages/man2/statfs.2.html.
 * SQLite's log needs memory that all processes share, and locks that hold: https://sqlite.org/wal.html
 */
const OF_SEVERAL_MACHINES: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x517b, 'SMB'],
  [0x01021997, '9p'],
  [0x00c36400, 'Ceph'],
  [0x5346414f, 'AFS'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x01161970, 'GFS2'],
  [0x7461636f, 'OCFS2'],
]);

/** What an unreleased vsweep kept in the folder. */
const OLDER_KIND = ['table', 'lock', 'owner.pid', 'socket'];

/** Throws StateError where the folder can hold no state file. */
export function refuseUnusable(
  folder: string,
  { typeOf = typeOfFileSystem }: { typeOf?: (path: string) => number } = {},
): void {
  const name = OF_SEVERAL_MACHINES.get(typeOf(folder) >>> 0);
  if (name !== undefined) {
    throw new StateError(
      `The state folder ${folder} is on a network file system (${name}), where two machines could open it. ` +
        'Set state.path to a folder on a local disk.',
      { code: 'refused' },
    );
  }
  if (existsSync(join(folder, 'table', 'CURRENT'))) {
    const old = OLDER_KIND.map((one) => join(folder, one)).join(' ');
    throw new StateError(
      `The state folder ${folder} was written by a version that was never released. Remove its files, with its record of refused logins and ` +
        `host keys: rm -r ${old}. If accounts were refused, correct them before the next run.`,
      { code: 'refused' },
    );
  }
}

const typeOfFileSystem = (path: string): number => statfsSync(path).type;
