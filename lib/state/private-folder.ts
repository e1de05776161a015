import { mkdirSync, statSync } from 'node:fs';
import { messageOf } from '../platform/errors.ts';
import { StateError } from './errors.ts';

/**
 * Makes the state folder, for its owner alone, or checks that an existing one is. At once, as SQLite does all that
 * follows: on a busy machine each turn of the loop costs the opening more than the two calls.
 */
export function makePrivateFolder(path: string, { signal }: { signal: AbortSignal }): void {
  signal.throwIfAborted();
  const mode = makeAndReadMode(path);
  if ((mode & 0o077) !== 0) {
    throw new StateError(
      `The state folder ${path} can be read by other users of this machine. Run: chmod 700 ${path}`,
      { code: 'insecure' },
    );
  }
}

function makeAndReadMode(path: string): number {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return statSync(path).mode;
  } catch (error) {
    throw new StateError(
      `The state folder ${path} cannot be created or read: ${messageOf(error)}. Make it writable, or set state.path.`,
      { code: 'refused', cause: error },
    );
  }
}
