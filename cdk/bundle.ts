import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BUNDLED_CONFIG_FILE } from '../lib/config/bundled-config.ts';
import type { OwnMetricConfig } from '../lib/config/own-metrics.ts';
import { sections } from '../lib/config/schema.ts';

/** The functions that are deployed: folders of `functions/`. */
export const FUNCTIONS = ['sweep', 'collect-batch', 'poll'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];
/** What a bundle is made of: a function, or the task that runs the sweeps in place of two of them. */
export type BundleName = FunctionName | 'task';

const MAKE_BUNDLE = join(import.meta.dirname, 'make-bundle.ts');
/** In the npm package `tools/build-functions.cjs` has made them, and there is no esbuild. */
const PREBUILT = join(import.meta.dirname, '../functions/LICENCES.txt');

/**
 * Writes what Lambda gets of a function, or ECS of the task, into `outDir`: its code with all that it imports, and the configuration
 * beside it. The same sources give the same bytes, wherever they lie, so an unchanged function is not deployed again.
 */
export function bundleFunction(
  name: BundleName,
  {
    outDir,
    config,
    patterns = hasPatterns(config),
  }: {
    outDir: string;
    config: string;
    /** Whether regular expressions of a configuration can be used; default: where this one has any. */
    patterns?: boolean;
  },
): void {
  if (existsSync(PREBUILT)) copyPrebuilt(name, { outDir, patterns });
  else {
    // A process of its own: CDK waits for no promise, and esbuild takes plugins only where it is waited for.
    const args = [MAKE_BUNDLE, name, outDir, ...(patterns ? [PATTERN_ENGINE] : [])];
    execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  writeFileSync(join(outDir, BUNDLED_CONFIG_FILE), config);
}

/** A sixth of a whole bundle, so it is deployed where the configuration has a regular expression. */
const PATTERN_ENGINE = 're2js';

function copyPrebuilt(
  name: BundleName,
  { outDir, patterns }: { readonly outDir: string; readonly patterns: boolean },
): void {
  const functions = dirname(PREBUILT);
  cpSync(join(functions, name), outDir, { recursive: true });
  // npm packs no folder that is called node_modules.
  if (patterns) cpSync(join(functions, 'packages'), join(outDir, 'node_modules'), { recursive: true });
}

function hasPatterns(bundledConfig: string): boolean {
  const { config = {} } = JSON.parse(bundledConfig) as { config?: Record<string, unknown> };
  const own: Readonly<Record<string, OwnMetricConfig>> =
    sections.metrics.safeParse(config['metrics']).data?.own ?? {};
  return Object.values(own).some(({ test, count }) => test?.matches !== undefined || count !== undefined);
}
