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
if (status !== 0) process.exit(status ?? 1);

/** What is loaded from its own package: what has a native part, and what only some commands load. */
const EXTERNAL = ['@aws-sdk/*', 'prom-client', 'selfsigned', 'ssh2', 'zeromq'];
/** What bin/vsweep.cjs and the state start. The state looks for its thread beside the file that it is in. */
const PROGRAMS = [
  ['lib/cli/main.ts', 'dist/cli/main.cjs'],
  ['lib/state/sqlite/writer-thread.ts', 'dist/cli/writer-thread.cjs'],
];

/**
 * One file of hundreds of modules: a command starts with a third of the processor time and 25 MB less. CommonJS, because
 * for an ES module that imports node:http Node loads all of its fetch and WebSocket, too. Answers the bundled packages.
 */
function bundle([from, to]) {
  const { metafile } = require('esbuild').buildSync({
    absWorkingDir: root,
    entryPoints: [from],
    outfile: to,
    bundle: true,
    metafile: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    mainFields: ['module', 'main'],
    external: EXTERNAL,
    legalComments: 'none',
    logLevel: 'error',
    banner: { js: "const fileUrl = require('node:url').pathToFileURL(__filename).href;" },
    define: { 'import.meta.url': 'fileUrl', 'import.meta.filename': '__filename' },
  });
  return Object.keys(metafile.inputs).flatMap(
    (file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [],
  );
}

/** The licence of each bundled package goes where its code goes. */
function licenceOf(folder) {
  const file = fs.readdirSync(path.join(root, folder)).find((name) => /^licen[cs]e/i.test(name));
  if (file === undefined) throw new Error(`${folder} has no licence`);
  return `${path.basename(folder)}\n\n${fs.readFileSync(path.join(root, folder, file), 'utf8').trim()}\n`;
}

const packages = [
  ...new Set(PROGRAMS.filter(([from]) => fs.existsSync(path.join(root, from))).flatMap(bundle)),
];
const RULE = `\n${'-'.repeat(80)}\n\n`;
fs.writeFileSync(path.join(root, 'dist/cli/LICENCES.txt'), packages.sort().map(licenceOf).join(RULE));
