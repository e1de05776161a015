import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildSync } from 'esbuild';
import { BUNDLED_CONFIG_FILE } from '../lib/config/bundled-config.ts';

/** The functions that are deployed: folders of `functions/`. */
export const FUNCTIONS = ['sweep', 'collect-batch', 'poll'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

const root = join(import.meta.dirname, '..');

/**
 * Writes what Lambda gets of a function into `outDir`: its code with all that it imports, and the configuration
 * beside it. The same sources give the same bytes, wherever they lie, so an unchanged function is not deployed again.
 */
export function bundleFunction(
  name: FunctionName,
  { outDir, config }: { outDir: string; config: string },
): void {
  const { outputFiles, warnings } = buildSync({
    absWorkingDir: root,
    entryPoints: [`functions/${name}/handler.ts`],
    // Nothing is written there: the source map names its sources relative to it.
    outfile: 'index.js',
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node24',
    // CommonJS made of ES modules imports quicker than an ES module, and needs no banner.
    format: 'cjs',
    mainFields: ['module', 'main'],
    minify: true,
    // Lambda and the log name an error by its class.
    keepNames: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    // ssh2 has both for speed and does without them.
    external: ['cpu-features', '*.node'],
    alias: { '@aws-sdk/credential-provider-node': './functions/environment-credentials.ts' },
    logLevel: 'error',
  });
  if (warnings.length > 0) throw new Error(`${name}: ${warnings.map(({ text }) => text).join('; ')}`);
  mkdirSync(outDir, { recursive: true });
  for (const { path, contents } of outputFiles) writeFileSync(join(outDir, basename(path)), contents);
  writeFileSync(join(outDir, BUNDLED_CONFIG_FILE), config);
}
