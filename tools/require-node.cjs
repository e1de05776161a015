// Runs on any Node: says what to do when an npm script did not get the Node 24 that comes as an optional package.
'use strict';
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `vsweep needs Node 24 and runs on ${process.versions.node}. On Linux "npm ci" brings it as a package ` +
      '(not with --omit=optional); elsewhere install Node 24 and try again.\n',
  );
  process.exit(2);
}
