import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { placeFile } from './place-file.ts';

/** Empty, and for its lock alone: that ends with its process, however this ends. It is never removed. */
const LOCK = 'state.lock';

/**
 * For whoever makes the state file or puts another one in its place: one at a time. Nobody else opens it, so its
 * descriptors are no other's. Throws SQLite's busy error while another process has it for longer than `waitMs`.
 */
export function lockFolder(folder: string, { waitMs = 0 }: { waitMs?: number } = {}): Disposable {
  placeFile(folder, LOCK, '');
  const db = new DatabaseSync(join(folder, LOCK), { timeout: waitMs });
  using opening = new DisposableStack();
  opening.defer(() => db.close());
  // A journal on the disk would be one more file that a kill leaves behind.
  db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  return opening.move();
}
