import { existsSync, linkSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes a file of mode 0600 when absent, whole from its first moment: nobody finds a part of it, and what others wrote
 * to it meanwhile stays. Throws the file system's errors.
 */
export function placeFile(folder: string, name: string, content: string): void {
  const path = join(folder, name);
  if (existsSync(path)) return;
  const drafts = mkdtempSync(join(folder, '.new-'));
  try {
    const draft = join(drafts, name);
    writeFileSync(draft, content, { mode: 0o600 });
    linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(drafts, { recursive: true, force: true });
  }
}
