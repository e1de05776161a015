import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { messageOf, VsweepError } from './errors.ts';
import { toShellWord } from './quote.ts';

/** `owner`: somebody else can change what this process goes by. `closed`: this user may not read it. */
export class OwnerError extends VsweepError<'owner' | 'closed'> {}

const ROOT = 0;

/** The user of this process; undefined where the system has no such thing. */
export const ownUid = (): number | undefined => process.geteuid?.();

/** Takes nothing from the service whose file it is. */
const runAs = (uid: number): string => `Run vsweep as that user: sudo -u '#${uid}' vsweep status`;

/**
 * Throws OwnerError unless the file or folder belongs to this user or to root: whoever owns it decides to whom passwords
 * are sent, whatever its mode says now (as OpenSSH holds it with `~/.ssh/config`, readconf.c, `SSHCONF_CHECKPERM`).
 */
export function refuseForeign(path: string, { uid }: { readonly uid: number }, own = ownUid()): void {
  if (own === undefined || uid === own || uid === ROOT) return;
  throw new OwnerError(
    `it belongs to user ${uid}, who can change it, and not to this user (${own}) or root. ${runAs(uid)}; ` +
      `or, if that user runs no vsweep with it: sudo chown ${own} ${toShellWord(path)}`,
    { code: 'owner' },
  );
}

/** The text of a file that belongs to this user or root. Rejects with OwnerError, or with what the file system said. */
export async function readOwnText(path: string): Promise<string> {
  try {
    await using file = await open(path, 'r');
    refuseForeign(path, await file.stat());
    return await file.readFile('utf8');
  } catch (error) {
    throw await explainClosed(path, error);
  }
}

/** What the file system said when a path was opened; if this user may not, an OwnerError that says whose it is. */
export async function explainClosed(path: string, error: unknown): Promise<unknown> {
  if (!(error instanceof Error && 'code' in error && error.code === 'EACCES')) return error;
  for (const part of partsOf(resolve(path))) {
    const isWhole = part === resolve(path);
    const isOpen = await access(part, isWhole ? constants.R_OK : constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isOpen) continue;
    const uid = await stat(part).then(
      (found) => found.uid,
      () => undefined,
    );
    if (uid === undefined) return error;
    const remedy =
      uid === ownUid() ? `Run: chmod u+${isWhole ? 'r' : 'rx'} ${toShellWord(part)}` : runAs(uid);
    const what = isWhole ? 'it' : `the folder ${part}`;
    return new OwnerError(`${messageOf(error)}: ${what} belongs to user ${uid}. ${remedy}`, {
      code: 'closed',
      cause: error,
    });
  }
  return error;
}

/** From the root to the path itself. */
function partsOf(path: string): string[] {
  const above = dirname(path);
  return above === path ? [path] : [...partsOf(above), path];
}
