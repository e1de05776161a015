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
/** Each module, which benchmarks import; and what others import of the package, with its types. */
const PROJECTS = ['tsconfig.build.json', 'tsconfig.library.json'];
for (const project of PROJECTS.filter((file) => fs.existsSync(path.join(root, file)))) {
  const { status } = spawnSync(process.execPath, [compiler, '-p', project], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** What is loaded from its own package: what only some commands load. */
const EXTERNAL = ['@aws-sdk/*', 'prom-client', 'selfsigned'];
/** What bin/vsweep.cjs and the state start. The state looks for its thread beside the file that it is in. */
const PROGRAMS = [
  ['lib/cli/main.ts', 'dist/cli/main.cjs'],
  ['lib/state/sqlite/writer-thread.ts', 'dist/cli/writer-thread.cjs'],
];

/**
 * Lets ssh2, which may have a native part as well, be loaded by the first login: it prepares a WebAssembly module, which
 * takes 50 ms of processor and 10 MB, and most commands log in to nobody.
 */
const lazySsh2 = {
  name: 'lazy-ssh2',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^ssh2$/ }, ({ path: name, namespace }) =>
      namespace === 'lazy' ? { path: name, external: true } : { path: name, namespace: 'lazy' },
    );
    onLoad({ filter: /^ssh2$/, namespace: 'lazy' }, () => ({
      contents: "export default new Proxy({}, { get: (_, name) => require('ssh2')[name] });",
      resolveDir: root,
    }));
  },
};

/**
 * One file of hundreds of modules: a command starts with a third of the processor time and 25 MB less. CommonJS, because
 * for an ES module that imports node:http Node loads all of its fetch and WebSocket, too. Answers the bundled packages.
 */
async function bundle([from, to]) {
  const { metafile, outputFiles } = await require('esbuild').build({
    absWorkingDir: root,
    entryPoints: [from],
    outfile: to,
    write: false,
    bundle: true,
    metafile: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    mainFields: ['module', 'main'],
    external: EXTERNAL,
    plugins: [lazySsh2],
    legalComments: 'none',
    logLevel: 'error',
    banner: { js: "const fileUrl = require('node:url').pathToFileURL(__filename).href;" },
    define: { 'import.meta.url': 'fileUrl', 'import.meta.filename': '__filename' },
  });
  for (const { path: file, text } of outputFiles) fs.writeFileSync(file, toAscii(text, to));
  return Object.keys(metafile.inputs).flatMap(
    (file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [],
  );
}

/**
 * For one dash in a comment of a package V8 would keep the whole file in two bytes per character, and Node decode it first.
 * esbuild escapes texts, so what is left is in comments and regular expressions, where an escape means the same.
 */
function toAscii(code, file) {
  if (/\braw`[^`]*[^\0-\x7f`]/.test(code)) throw new Error(`${file}: String.raw of text that is not ASCII`);
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The licence of each bundled package goes where its code goes. */
function licenceOf(folder) {
  const file = fs.readdirSync(path.join(root, folder)).find((name) => /^licen[cs]e/i.test(name));
  const { license } = JSON.parse(fs.readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
  // Some packages of AWS name their licence, which is that of vsweep, and leave out its text.
  if (file === undefined && license === 'Apache-2.0')
    return `${path.basename(folder)}\n\n${fs.readFileSync(path.join(root, 'LICENSE'), 'utf8').trim()}\n`;
  if (file === undefined) throw new Error(`${folder} has no licence`);
  return `${path.basename(folder)}\n\n${fs.readFileSync(path.join(root, folder, file), 'utf8').trim()}\n`;
}

async function bundlePrograms() {
  const programs = PROGRAMS.filter(([from]) => fs.existsSync(path.join(root, from)));
  const packages = new Set((await Promise.all(programs.map(bundle))).flat());
  const rule = `\n${'-'.repeat(80)}\n\n`;
  fs.writeFileSync(
    path.join(root, 'dist/cli/LICENCES.txt'),
    Array.from(packages).sort().map(licenceOf).join(rule),
  );
}

// The page of `vsweep run` is read from beside the program, too.
const assets = path.join(root, 'lib/page/assets');
if (fs.existsSync(assets)) fs.cpSync(assets, path.join(root, 'dist/cli/assets'), { recursive: true });

/** What the construct of the package deploys; a checkout makes it when it synthesises. */
function bundleFunctions() {
  if (!fs.existsSync(path.join(root, 'cdk/make-bundle.ts'))) return;
  if (Number(process.versions.node.split('.')[0]) < 24) {
    process.stderr.write(
      'The functions were not bundled: that needs Node 24, which "npm run build" finds.\n',
    );
    process.exitCode = process.argv.includes('--if-installed') ? 0 : 2;
    return;
  }
  require('./build-functions.cjs').buildFunctions({ root, licenceOf });
}

// A rejection ends the process with its stack and code 1.
void bundlePrograms().then(bundleFunctions);
