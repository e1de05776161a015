import { green, red, type Verdict, yellow } from './verdict.ts';

const MB = 1024 * 1024;
/** A run writes some MB, and a repair a second copy of the file. */
const RED_MB = 64;
const YELLOW_MB = 512;

/** The room on the disk of the state, and the layout of its file. */
export function judgeDisk({
  freeBytes,
  freeInodes,
  folder,
}: {
  readonly freeBytes: number;
  /** 0 where the file system has none to count, as btrfs. */
  readonly freeInodes: number | undefined;
  readonly folder: string;
}): Verdict {
  const mb = Math.floor(freeBytes / MB);
  const room = `${mb} MB are free on the disk of ${folder}`;
  if (freeInodes === 0)
    return red(
      `no further file can be made on the disk of ${folder}: it has no free inode. Delete files there`,
    );
  if (mb < RED_MB) return red(`${room}: refused logins and host keys may not be kept. Free space there`);
  if (mb < YELLOW_MB) return yellow(`${room}. Free space there`);
  return green(room);
}
