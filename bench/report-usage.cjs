// For `node --require`: prints what the process has used of the machine when it ends, as the last line of standard
// error. Plain JavaScript, because Node takes 40 MB to strip the types of a module.
'use strict';
const { readFileSync, writeSync } = require('node:fs');

process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  // As in sandbox-usage.ts.
  const [, peakKb] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  const rssMb = Number(peakKb) / 1024;
  writeSync(2, `\n${JSON.stringify({ cpuMs: (user + system) / 1000, rssMb })}\n`);
});
