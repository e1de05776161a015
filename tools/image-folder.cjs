// node tools/image-folder.cjs: makes dist/image, which packaging/container/Dockerfile copies: what the lock file names
// for production, and the packaged Node, which the image starts without bin/vsweep.cjs in between.
'use strict';
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const image = path.join(root, 'dist/image');
const app = path.join(image, 'opt/vsweep');

execFileSync(process.execPath, [path.join(__dirname, 'build.cjs')], { cwd: root, stdio: 'inherit' });
fs.rmSync(image, { recursive: true, force: true });
for (const name of [
  'package.json',
  'package-lock.json',
  '.npmrc',
  'LICENSE',
  'bin',
  'alerts',
  'dashboards',
]) {
  fs.cpSync(path.join(root, name), path.join(app, name), { recursive: true });
}
fs.cpSync(path.join(root, 'dist/cli'), path.join(app, 'dist/cli'), { recursive: true });
// No package runs a script, neither ours nor another one.
execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts'], { cwd: app, stdio: 'inherit' });

const packaged = path.join(app, `node_modules/node-linux-${process.arch}`);
fs.mkdirSync(path.join(image, 'usr/bin'), { recursive: true });
fs.renameSync(path.join(packaged, 'bin/node'), path.join(image, 'usr/bin/node'));
fs.rmSync(packaged, { recursive: true });
// The image's user is none of those to whom these files belong; a checkout may be for its owner alone.
execFileSync('chmod', ['-R', 'u=rwX,go=rX', image]);
// The volume of the state begins as a copy of this folder.
fs.mkdirSync(path.join(image, 'var/lib/vsweep'), { recursive: true });
