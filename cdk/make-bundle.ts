import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { INSTEAD, INSTEAD_IN_TASK, leftOut } from './left-out.ts';
import { namedErrors } from './named-errors.ts';

/**
 * Makes the code of one function, or of the task, and its source map: `node make-bundle.ts <function> <folder> [<package> …]`, and beside
 * them packages that it loads when it first needs them.
 */
const [name = '', outDir = '', ...packages] = process.argv.slice(2);

const { outputFiles, warnings } = await build({
  absWorkingDir: join(import.meta.dirname, '..'),
  entryPoints: [`functions/${name}/${name === 'task' ? 'main' : 'handler'}.ts`],
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
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'none',
  plugins: [leftOut, namedErrors],
  alias: name === 'task' ? INSTEAD_IN_TASK : INSTEAD,
  logLevel: 'error',
  // What is loaded when it is first needed is found beside the bundle.
  define: { 'import.meta.url': 'bundleUrl' },
  banner: { js: 'const bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
});
if (warnings.length > 0) throw new Error(`${name}: ${warnings.map(({ text }) => text).join('; ')}`);
mkdirSync(outDir, { recursive: true });
for (const { path, contents } of outputFiles) writeFileSync(join(outDir, basename(path)), contents);
for (const one of packages)
  await build({
    stdin: { contents: `export * from '${one}'`, resolveDir: join(import.meta.dirname, '..') },
    outfile: join(outDir, 'node_modules', one, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    minify: true,
    legalComments: 'none',
    logLevel: 'error',
  });
