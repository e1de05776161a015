import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { explainClosed, refuseForeign } from '../platform/owner.ts';

/** A file's text with its permission bits, both of the same opened file. */
export interface CredentialFile {
  readonly text: string;
  readonly mode: number;
}

/** Reads a credential file. Rejects with OwnerError, or with what the file system said, an Error with `code`. */
export type ReadCredentialFile = (path: string, options: { signal: AbortSignal }) => Promise<CredentialFile>;

const MAX_BYTES = 64 * 1024;

export const readCredentialFile: ReadCredentialFile = async (path, { signal }) => {
  signal.throwIfAborted();
  // Non-blocking, so that a named pipe cannot hold us up.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(async (error: unknown) => {
    throw await explainClosed(path, error);
  });
  try {
    const status = await file.stat();
    refuseForeign(path, status);
    if (!status.isFile()) throw new Error('not a regular file');
    if (status.size > MAX_BYTES) throw new Error(`larger than ${MAX_BYTES} bytes`);
    return { text: await file.readFile({ encoding: 'utf8', signal }), mode: status.mode };
  } finally {
    await file.close();
  }
};
