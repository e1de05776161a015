import { existsSync, mkdirSync, mkdtempSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BundleName, bundleFunction } from '../../../cdk/bundle.ts';
import { BUNDLED_CONFIG_FILE } from '../../../lib/config/bundled-config.ts';
import { bundlesHere } from './bundles-here.ts';

const CODE = ['index.js', 'index.js.map'];

/**
 * Writes what Lambda gets of a function, as `bundleFunction` does. The code is the same whatever the configuration, so
 * it is made once in a run of the tests, and for Node it is one file, so that it is compiled once, too.
 */
export function bundleOnce(name: BundleName, { outDir, config }: { outDir: string; config: string }): void {
  const made = join(bundlesHere(), name);
  if (!existsSync(made)) {
    const own = mkdtempSync(`${made}-`);
    bundleFunction(name, { outDir: own, config, patterns: true });
    try {
      renameSync(own, made);
    } catch (error) {
      // Another file's tests were quicker.
      if (!existsSync(made)) throw error;
    }
  }
  mkdirSync(outDir, { recursive: true });
  for (const file of CODE) symlinkSync(join(made, file), join(outDir, file));
  writeFileSync(join(outDir, BUNDLED_CONFIG_FILE), config);
}
