import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';

const STDOUT = 1;

/**
 * Standard output for the sink `stdout`. Node writes to a pipe in a call that waits, and a reader that stands still would
 * stop the whole process, logins included: this does not wait. It does not keep the process from ending, either.
 */
export function openSeriesOutput(): Writable {
  const { isFIFO, isSocket } = kindOf(STDOUT);
  if (!isFIFO && !isSocket) return process.stdout;
  const output = new Socket({ fd: STDOUT, readable: false, writable: true });
  // Who writes is told, too.
  output.on('error', () => undefined);
  return output.unref();
}

function kindOf(fd: number): { isFIFO: boolean; isSocket: boolean } {
  const stats = fstatSync(fd);
  return { isFIFO: stats.isFIFO(), isSocket: stats.isSocket() };
}
