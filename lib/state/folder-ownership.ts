import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { messageOf } from '../platform/errors.ts';
import { StateError, StateHeldError } from './errors.ts';

/**
 * Takes the folder for this process, or throws StateHeldError. The lock is LevelDB's: a lock of the kernel on an open
 * file, which ends with the process however it ends and cannot be taken over by a process that got the same id.
 * The id in `owner.pid` only serves the message. Dispose it to give the folder back.
 */
export async function takeFolder(
  path: string,
  { signal }: { signal: AbortSignal },
): Promise<AsyncDisposable> {
  signal.throwIfAborted();
  const lock = new ClassicLevel(join(path, 'lock'));
  const pidFile = join(path, 'owner.pid');
  await openOrRefuse(lock, path, pidFile);
  const release = async () => {
    await rm(pidFile, { force: true });
    await lock.close();
  };
  try {
    await writeFile(pidFile, `${process.pid}\n`, { mode: 0o600 });
  } catch (error) {
    await lock.close();
    throw cannotLock(path, error);
  }
  return { [Symbol.asyncDispose]: release };
}

async function openOrRefuse(lock: ClassicLevel, path: string, pidFile: string): Promise<void> {
  try {
    await lock.open();
  } catch (error) {
    const reason = error instanceof Error ? error.cause : undefined;
    if (reason instanceof Error && 'code' in reason && reason.code === 'LEVEL_LOCKED') {
      throw new StateHeldError(path, await readPid(pidFile));
    }
    throw cannotLock(path, reason ?? error);
  }
}

async function readPid(pidFile: string): Promise<number | undefined> {
  try {
    const pid = Number((await readFile(pidFile, 'utf8')).trim());
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function cannotLock(path: string, cause: unknown): StateError {
  return new StateError(
    `The state folder ${path} cannot be locked: ${messageOf(cause)}. Check its disk and its permissions.`,
    { code: 'refused', cause },
  );
}
