#!/usr/bin/env node
// The way in on any Node: starts dist/ when this Node is new enough, else goes on in the Node 24 that comes as an
// optional package. Kept to JavaScript that Node 16 parses.
'use strict';
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const NEEDED_MAJOR = 24;
const USAGE_ERROR = 2;

function fail(message) {
  process.stderr.write(`vsweep: ${message}\n`);
  process.exit(USAGE_ERROR);
}

/** The `node` of the package for this machine, or undefined. */
function findPackagedNode() {
  try {
    const manifest = require.resolve(`node-${process.platform}-${process.arch}/package.json`);
    const binary = path.join(path.dirname(manifest), 'bin', 'node');
    return fs.existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Ctrl-C and Ctrl-\ in a terminal reach the child by themselves, since it is in the same process group; handed on
 * once more they would count as pressed twice.
 */
function isSentByTerminal(signal) {
  const atTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  return Boolean(atTerminal) && (signal === 'SIGINT' || signal === 'SIGQUIT');
}

/** Runs this file again in `binary` and ends as that ends: with its exit code, or by the signal that ended it. */
function goOnIn(binary) {
  const child = spawn(binary, [__filename, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']) {
    process.on(signal, () => {
      if (!isSentByTerminal(signal)) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    fail(`${binary} does not start (${error.message}). Install Node ${NEEDED_MAJOR} and try again.`);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    // Where the signal does not end this process too: the code that a shell shows for it.
    process.exitCode = 128 + os.constants.signals[signal];
  });
}

/**
 * Lets Node keep what it compiled of vsweep for the next start. That is code, so it is kept only in a folder that is this
 * user's alone, and that nobody else can replace; without one each start compiles anew.
 */
function keepCompiled() {
  const { enableCompileCache, getCompileCacheDir } = require('node:module');
  if (enableCompileCache === undefined || getCompileCacheDir() !== undefined) return;
  try {
    const caches = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
    const folder = path.join(caches, 'vsweep', 'compiled');
    if (!path.isAbsolute(folder) || !isUnderSafe(folder)) return;
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const found = fs.lstatSync(folder);
    const isOurs = found.isDirectory() && found.uid === process.getuid() && (found.mode & 0o077) === 0;
    // Looked at again: in a folder such as /tmp another user may have made one of them meanwhile.
    if (isOurs && isUnderSafe(folder)) enableCompileCache(folder);
  } catch {
    // No home, or a file system that only reads.
  }
}

const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;

/** Whether nobody but this user and root can replace the folder: by each one above it that exists. A link is no folder. */
function isUnderSafe(folder) {
  const above = path.dirname(folder);
  if (above === folder) return true;
  const found = fs.lstatSync(above, { throwIfNoEntry: false });
  const isSafe =
    found === undefined ||
    (found.isDirectory() &&
      (found.uid === process.getuid() || found.uid === 0) &&
      ((found.mode & OTHERS_WRITE) === 0 || (found.mode & STICKY) !== 0));
  return isSafe && isUnderSafe(above);
}

function start() {
  const main = path.join(__dirname, '..', 'dist', 'cli', 'main.cjs');
  if (!fs.existsSync(main)) fail(`${main} is missing. In a checkout, run "npm ci", which builds it too.`);
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) {
    keepCompiled();
    require(main);
    return;
  }
  const packaged = findPackagedNode();
  if (packaged === undefined) {
    fail(
      `needs Node ${NEEDED_MAJOR} and runs on ${process.versions.node}. On Linux npm brings it as an optional ` +
        `package (not with --omit=optional); elsewhere install Node ${NEEDED_MAJOR}.`,
    );
  }
  goOnIn(packaged);
}

start();
