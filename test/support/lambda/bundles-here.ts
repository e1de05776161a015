import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';

let own: string | undefined;

/** Where bundles are kept, and what Node compiled of them: of this run of the tests, or of a benchmark's process. */
export function bundlesHere(): string {
  if (process.env.VITEST !== undefined) return inject('bundles');
  if (own !== undefined) return own;
  const folder = mkdtempSync(join(tmpdir(), 'vsweep-bundles-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  own = folder;
  return folder;
}
