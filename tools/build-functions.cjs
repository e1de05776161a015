// The functions as the npm package holds them, for its construct: each with its source map, the engine for regular
// expressions, which only some configurations need, and the licences of what is in them.
'use strict';
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

/** And the task that runs the sweeps in place of two of them. */
const FUNCTIONS = ['sweep', 'collect-batch', 'poll', 'task'];
const PATTERN_ENGINE = 're2js';

/** Packages by the sources of a source map, as folders below the project. */
function packagesOf(map) {
  const { sources } = JSON.parse(fs.readFileSync(map, 'utf8'));
  return sources.flatMap((source) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1] ?? []);
}

function buildFunctions({ root, licenceOf }) {
  const into = path.join(root, 'dist/library/functions');
  const packages = new Set([`node_modules/${PATTERN_ENGINE}`]);
  for (const name of FUNCTIONS) {
    const folder = path.join(into, name);
    execFileSync(process.execPath, [path.join(root, 'cdk/make-bundle.ts'), name, folder, PATTERN_ENGINE], {
      stdio: 'inherit',
    });
    for (const one of packagesOf(path.join(folder, 'index.js.map'))) packages.add(one);
    // One of these is enough, and npm packs no folder of that name.
    fs.rmSync(path.join(into, 'packages'), { recursive: true, force: true });
    fs.renameSync(path.join(folder, 'node_modules'), path.join(into, 'packages'));
  }
  const rule = `\n${'-'.repeat(80)}\n\n`;
  fs.writeFileSync(path.join(into, 'LICENCES.txt'), Array.from(packages).sort().map(licenceOf).join(rule));
}

module.exports = { buildFunctions };
