import { mkdir, stat } from 'node:fs/promises';
import { messageOf } from '../platform/errors.ts';
import { StateError } from './errors.ts';

/** Makes the state folder, for its owner alone, or checks that an existing one is. */
export async function makePrivateFolder(path: string, { signal }: { signal: AbortSignal }): Promise<void> {
  signal.throwIfAborted();
  const mode = await makeAndReadMode(path);
  if ((mode & 0o077) !== 0) {
    throw new StateError(
      `The state folder ${path} is open to other users of this machine. Close it: chmod 700 ${path}`,
      { code: 'insecure' },
    );
  }
}

async function makeAndReadMode(path: string): Promise<number> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    return (await stat(path)).mode;
  } catch (error) {
    throw new StateError(
      `The state folder ${path} cannot be made or read: ${messageOf(error)}. Make it writable, or set state.path.`,
      { code: 'refused', cause: error },
    );
  }
}
