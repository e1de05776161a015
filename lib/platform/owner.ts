import { open } from 'node:fs/promises';
import { VsweepError } from './errors.ts';
import { toShellWord } from './quote.ts';

/** Somebody else can change what this process goes by. */
export class OwnerError extends VsweepError<'owner'> {}

const ROOT = 0;

/** The user of this process; undefined where the system has no such thing. */
export const ownUid = (): number | undefined => process.geteuid?.();

/**
 * Throws OwnerError unless the file or folder belongs to this user or to root: whoever owns it decides to whom passwords
 * are sent, whatever its mode says now (as OpenSSH holds it with `~/.ssh/config`, readconf.c, `SSHCONF_CHECKPERM`).
 */
export function refuseForeign(path: string, { uid }: { readonly uid: number }, own = ownUid()): void {
  if (own === undefined || uid === own || uid === ROOT) return;
  throw new OwnerError(
    `it belongs to user ${uid}, who can change it, and not to this user (${own}) or root. Run: sudo chown ${own} ${toShellWord(path)}`,
    { code: 'owner' },
  );
}

/** The text of a file that belongs to this user or root. Rejects with OwnerError, or with what the file system said. */
export async function readOwnText(path: string): Promise<string> {
  await using file = await open(path, 'r');
  refuseForeign(path, await file.stat());
  return await file.readFile('utf8');
}
