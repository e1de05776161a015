// Runs on any Node, because npm runs it as `prepare` before anything is known about the machine.
'use strict';
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');

/**
 * The compiler's start script, or undefined where it cannot run: `npm ci --omit=dev` leaves it out, and
 * `--omit=optional` leaves its binary out.
 */
function findCompiler() {
  try {
    const manifest = require.resolve('typescript/package.json', { paths: [root] });
    const platformPackage = `@typescript/typescript-${process.platform}-${process.arch}/package.json`;
    require.resolve(platformPackage, { paths: [manifest] });
    return path.join(path.dirname(manifest), 'bin', 'tsc');
  } catch {
    return undefined;
  }
}

const compiler = findCompiler();
if (compiler === undefined) {
  process.stderr.write(
    'dist/ was not built: the TypeScript compiler is not installed ("npm ci" brings it).\n',
  );
  process.exit(process.argv.includes('--if-installed') ? 0 : 2);
}
// What an earlier build left and no source makes any more must not be packed.
fs.rmSync(path.join(root, 'dist'), { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
