import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { StateError } from './errors.ts';

/** Names Unix domain sockets in a folder by paths that are short enough for the kernel. */
export interface SocketFolder extends AsyncDisposable {
  pathOf(name: string): string;
}

/** The kernel takes 107 bytes on Linux, 103 on macOS; the rest of them is for the name. */
const MAX_FOLDER_BYTES = 80;

/** A folder with a long path is reached through Linux's name for the open folder; elsewhere that is a StateError. */
export async function openSocketFolder(
  path: string,
  { platform = process.platform }: { platform?: NodeJS.Platform } = {},
): Promise<SocketFolder> {
  const folder = resolve(path);
  if (Buffer.byteLength(folder) <= MAX_FOLDER_BYTES) return socketsIn(folder);
  if (platform !== 'linux') {
    throw new StateError(
      `The path ${folder} is longer than ${MAX_FOLDER_BYTES} bytes, too long for a socket in it. ` +
        'Set a shorter state.path.',
      { code: 'refused' },
    );
  }
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  return socketsIn(`/proc/self/fd/${handle.fd}`, handle);
}

function socketsIn(folder: string, handle?: FileHandle): SocketFolder {
  return {
    pathOf: (name) => join(folder, name),
    [Symbol.asyncDispose]: async () => await handle?.close(),
  };
}
