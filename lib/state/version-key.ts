import { randomBytes } from 'node:crypto';
import { link, mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../platform/errors.ts';
import { StateError } from './errors.ts';
import { makePrivateFolder } from './private-folder.ts';

const KEY_BYTES = 32;

/**
 * The random key with which versions of credentials from environment and files are made, kept in the state folder as
 * `version.key` of mode 0600 and made when absent. A key is put in place whole, so two processes that make it at once
 * agree on one. Throws StateError.
 */
export async function readVersionKey(
  folder: string,
  { signal }: { signal: AbortSignal },
): Promise<Uint8Array> {
  makePrivateFolder(folder, { signal });
  const path = join(folder, 'version.key');
  try {
    return (await readKey(path)) ?? (await makeKey(folder, path));
  } catch (error) {
    if (error instanceof StateError) throw error;
    throw new StateError(
      `The key file ${path} cannot be used: ${messageOf(error)}. Check the disk and the permissions.`,
      { code: 'refused', cause: error },
    );
  }
}

async function readKey(path: string): Promise<Uint8Array | undefined> {
  await using file = await openIfThere(path);
  if (file === undefined) return undefined;
  const { mode, size } = await file.stat();
  if ((mode & 0o077) !== 0) {
    throw new StateError(
      `The key file ${path} can be read by other users of this machine. Run: chmod 600 ${path}`,
      { code: 'insecure' },
    );
  }
  if (size !== KEY_BYTES) {
    throw new StateError(
      `The key file ${path} has ${size} bytes instead of ${KEY_BYTES}. Remove it: vsweep creates a new one, and ` +
        'treats every credential from the environment and from files as changed once.',
      { code: 'malformed' },
    );
  }
  return await file.readFile();
}

async function openIfThere(path: string) {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function makeKey(folder: string, path: string): Promise<Uint8Array> {
  const draftFolder = await mkdtemp(join(folder, '.version-key-'));
  try {
    const draft = join(draftFolder, 'key');
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(randomBytes(KEY_BYTES));
      await file.sync();
    } finally {
      await file.close();
    }
    await linkUnlessThere(draft, path);
  } finally {
    await rm(draftFolder, { recursive: true });
  }
  const key = await readKey(path);
  if (key === undefined) {
    throw new StateError(`The key file ${path} disappeared while it was created. Try again.`, {
      code: 'unavailable',
    });
  }
  return key;
}

/** Unlike a rename, a link never replaces the key that another process has put there. */
async function linkUnlessThere(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
