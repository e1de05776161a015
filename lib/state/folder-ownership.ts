import { readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { messageOf } from '../platform/errors.ts';
import { StateError } from './errors.ts';

/**
 * The folders that this process owns. Looking at such a folder's lock again would lose it: the kernel drops a
 * process's lock on a file as soon as the process closes any descriptor of that file.
 */
const ownedHere = new Set<string>();

/**
 * Takes the folder for its caller; undefined when another one has it, in this process or in another. The lock is
 * LevelDB's: a lock of the kernel on an open file, which ends with the process however it ends and cannot be taken
 * over by a process that got the same id. Dispose it to give the folder back. Throws StateError.
 */
export async function tryTakeFolder(
  path: string,
  { signal }: { signal: AbortSignal },
): Promise<AsyncDisposable | undefined> {
  signal.throwIfAborted();
  const folder = await realpath(path);
  if (ownedHere.has(folder)) return undefined;
  ownedHere.add(folder);
  await using taking = new AsyncDisposableStack();
  taking.defer(() => void ownedHere.delete(folder));
  const lock = new ClassicLevel(join(folder, 'lock'));
  if (!(await openUnlessLocked(lock, path))) return undefined;
  taking.defer(() => lock.close());
  taking.defer(() => rm(pidFileOf(path), { force: true }));
  try {
    await writeFile(pidFileOf(path), `${process.pid}\n`, { mode: 0o600 });
  } catch (error) {
    throw cannotLock(path, error);
  }
  return taking.move();
}

/** The id of the process that owns the folder, for messages alone: it may be gone, or not have written it yet. */
export async function readOwner(path: string): Promise<number | undefined> {
  try {
    const pid = Number((await readFile(pidFileOf(path), 'utf8')).trim());
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

async function openUnlessLocked(lock: ClassicLevel, path: string): Promise<boolean> {
  try {
    await lock.open();
    return true;
  } catch (error) {
    const reason = error instanceof Error ? error.cause : undefined;
    if (reason instanceof Error && 'code' in reason && reason.code === 'LEVEL_LOCKED') return false;
    throw cannotLock(path, reason ?? error);
  }
}

const pidFileOf = (path: string) => join(path, 'owner.pid');

function cannotLock(path: string, cause: unknown): StateError {
  return new StateError(
    `The state folder ${path} cannot be locked: ${messageOf(cause)}. Check its disk and its permissions.`,
    { code: 'refused', cause },
  );
}
