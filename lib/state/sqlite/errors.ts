import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { devNull } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf } from '../../platform/errors.ts';
import { StateError, type StateErrorCode } from '../errors.ts';
import type { ItemKey } from '../item.ts';

/** SQLite's primary result codes: https://sqlite.org/rescode.html */
const ERROR = 1;
const BUSY = 5;
const LOCKED = 6;
const READ_ONLY = 8;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;

/**
 * The primary result code of what `node:sqlite` threw; undefined of anything else. A number that no JavaScript number
 * holds was never written: it is damage.
 */
export function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('errcode' in error && typeof error.errcode === 'number') return error.errcode & 0xff;
  return 'code' in error && error.code === 'ERR_OUT_OF_RANGE' ? CORRUPT : undefined;
}

/** Somebody else holds the lock: it is free in a moment. */
export const isBusy = (error: unknown): boolean => [BUSY, LOCKED].includes(codeOf(error) ?? 0);

/** A whole file takes each statement of ours: of one that does not, the names of its tables and columns are damaged. */
const DAMAGE = [ERROR, CORRUPT, NOT_A_DATABASE];

export const isDamage = (error: unknown): boolean =>
  DAMAGE.includes(codeOf(error) ?? 0) || (error instanceof StateError && error.code === 'damaged');

/** What `node:sqlite` or the file system threw over the file, as a StateError that says what to do. */
export function translateError(error: unknown, file: string): unknown {
  if (error instanceof StateError) return error;
  const code = codeOf(error);
  if (code === undefined) return errnoOf(error) === undefined ? error : cannotOpen(error, file);
  const reason = [CANNOT_OPEN, IO_ERROR].includes(code) ? reasonOf(file) : undefined;
  if (code === CANNOT_OPEN || reason !== undefined) return cannotOpen(reason ?? error, file);
  const [kind, what] = explain(code, file);
  return new StateError(`The state file ${file} ${what} (SQLite: ${messageOf(error)}).`, {
    code: kind,
    cause: error,
  });
}

function explain(code: number, file: string): [StateErrorCode, string] {
  switch (code) {
    case BUSY:
    case LOCKED:
      return [
        'unavailable',
        `was locked by another process for too long. Find a vsweep process that is stopped or hangs: fuser -v ${file}`,
      ];
    case ERROR:
    case CORRUPT:
    case NOT_A_DATABASE:
      return ['damaged', `is damaged. ${CHECK}`];
    case FULL:
      return ['unavailable', 'cannot grow, because its disk is full. Free space there'];
    case READ_ONLY:
      return ['refused', 'cannot be written. Run vsweep as the owner of its folder, which must be writable'];
    default:
      return ['unavailable', 'cannot be read or written. Check its disk: health, free space, quota'];
  }
}

/** The file, its log, the shared memory, and the folder when a file is made. */
const HANDLES = 4;

/**
 * SQLite keeps the system's own reason to itself, so what it needs is tried once more to learn it. Of its own files none
 * is opened: with the first descriptor that is closed, the process loses all its locks on that file, SQLite's too
 * (fcntl(2): https://man7.org/linux/man-pages/man2/F_GETLK.2const.html).
 */
function reasonOf(file: string): unknown {
  const opened: number[] = [];
  try {
    while (opened.length < HANDLES) opened.push(openSync(devNull, 'r+'));
    const folder = dirname(file);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    const parts = [file, `${file}-wal`, `${file}-shm`].filter((part) => existsSync(part));
    for (const part of parts) accessSync(part, constants.R_OK | constants.W_OK);
    if (!parts.includes(file)) tryToWrite(folder);
    else if (statSync(file).isDirectory()) return folderInPlace(file);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

/** As much as SQLite needs for a new file. */
function tryToWrite(folder: string): void {
  const probe = mkdtempSync(join(folder, '.probe-'));
  try {
    writeFileSync(join(probe, 'probe'), Buffer.alloc(65_536));
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
}

const folderInPlace = (file: string): Error =>
  Object.assign(new Error(`EISDIR: illegal operation on a directory, open '${file}'`), {
    code: 'EISDIR',
    syscall: 'open',
  });

const errnoOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error
    ? error.code
    : undefined;

const cannotOpen = (error: unknown, file: string): StateError =>
  new StateError(`The state file ${file} cannot be opened: ${messageOf(error)}. ${remedyOf(error)}.`, {
    code: 'refused',
    cause: error,
  });

/** Beside what `messageOf` says of a machine that is short of something. */
function remedyOf(error: unknown): string {
  switch (errnoOf(error)) {
    case 'EACCES':
    case 'EPERM':
      return 'Run vsweep as the owner of the folder';
    case 'EISDIR':
      return 'There is a folder of this name: move it away';
    case 'EFBIG':
      return 'Raise "ulimit -f" (LimitFSIZE= of a service)';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'Or set state.path to a folder on another disk';
    default:
      return 'Check the rights on its folder and the disk, or set state.path';
  }
}

const CHECK = 'To see what is lost, run: vsweep state check';

/** The file is no state file any more. */
export const damagedFile = (file: string, how: string): StateError =>
  new StateError(`The state file ${file} is damaged: ${how}. ${CHECK}.`, { code: 'damaged' });

/** The item is not what was written. */
export const damagedItem = ({ pk, sk }: ItemKey): StateError =>
  new StateError(`The item pk="${pk}" sk="${sk}" of the state is damaged. ${CHECK}.`, { code: 'damaged' });
