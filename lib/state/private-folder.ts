import { mkdirSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '../platform/errors.ts';
import { refuseForeign } from '../platform/owner.ts';
import { toShellWord } from '../platform/quote.ts';
import { StateError } from './errors.ts';

/**
 * Makes the state folder, for its owner alone, or checks that an existing one is. At once, as SQLite does all that
 * follows: on a busy machine each turn of the loop costs the opening more than the two calls.
 */
export function makePrivateFolder(path: string, { signal }: { signal: AbortSignal }): void {
  signal.throwIfAborted();
  const made = makeAndLook(path);
  refuseOthers(path, made);
  if ((made.mode & 0o077) !== 0) {
    throw new StateError(
      `The state folder ${path} can be read by other users of this machine. Run: chmod 700 ${toShellWord(path)}`,
      { code: 'insecure' },
    );
  }
}

class NoFolderError extends Error {}

function makeAndLook(path: string): Stats {
  try {
    makeFolders(path);
    const made = statSync(path);
    if (!made.isDirectory()) throw new NoFolderError('it is not a folder');
    return made;
  } catch (error) {
    const remedy =
      error instanceof NoFolderError ? 'Name a folder in state.path' : 'Make it writable, or set state.path';
    throw new StateError(
      `The state folder ${path} cannot be created or read: ${messageOf(error)}. ${remedy}.`,
      { code: 'refused', cause: error },
    );
  }
}

/** Whoever owns the folder can take the record of refused logins away. */
function refuseOthers(path: string, made: Stats): void {
  try {
    refuseForeign(path, made);
  } catch (cause) {
    throw new StateError(`The state folder ${path} cannot be used: ${messageOf(cause)}`, {
      code: 'insecure',
      cause,
    });
  }
}

/** Instead of `recursive: true`, which never returns where a folder that exists says ENOENT, as those below /proc do. */
function makeFolders(path: string): void {
  if (isMade(path)) return;
  if (dirname(path) !== path) makeFolders(dirname(path));
  if (!isMade(path)) throw new Error(`ENOENT: no folder can be made in ${dirname(path)}`);
}

/** False where a folder above is missing; what is there already need not be a folder. */
function isMade(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') return true;
    if (code === 'ENOENT') return false;
    throw error;
  }
}
