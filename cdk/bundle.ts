import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLED_CONFIG_FILE } from '../lib/config/bundled-config.ts';

/** The functions that are deployed: folders of `functions/`. */
export const FUNCTIONS = ['sweep', 'collect-batch', 'poll'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

const MAKE_BUNDLE = join(import.meta.dirname, 'make-bundle.ts');

/**
 * Writes what Lambda gets of a function into `outDir`: its code with all that it imports, and the configuration
 * beside it. The same sources give the same bytes, wherever they lie, so an unchanged function is not deployed again.
 */
export function bundleFunction(
  name: FunctionName,
  { outDir, config }: { outDir: string; config: string },
): void {
  // A process of its own: CDK waits for no promise, and esbuild takes plugins only where it is waited for.
  execFileSync(process.execPath, [MAKE_BUNDLE, name, outDir], { stdio: ['ignore', 'ignore', 'inherit'] });
  writeFileSync(join(outDir, BUNDLED_CONFIG_FILE), config);
}
