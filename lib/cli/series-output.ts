import { fstatSync, write } from 'node:fs';
import { Socket } from 'node:net';
import { isatty } from 'node:tty';
import type { SeriesOutput } from '../sinks/stdout/stdout-sink.ts';

const STDOUT = 1;

/**
 * Standard output for the sink `stdout`. Node writes to a pipe in a call that waits, and a reader that stands still would
 * stop the whole process, logins included: this does not wait. It does not keep the process from ending, either. A write
 * that fails, as on a full disk, is told to who made it, and nobody else: a later one may be taken.
 */
export function openSeriesOutput(fd = STDOUT): SeriesOutput {
  const stats = fstatSync(fd);
  if (stats.isFIFO() || stats.isSocket()) return openSocketOutput(fd);
  return isatty(fd) ? process.stdout : openFileOutput(fd);
}

function openSocketOutput(fd: number): SeriesOutput {
  const output = new Socket({ fd, readable: false, writable: true });
  // Who writes is told, too.
  output.on('error', () => undefined);
  return output.unref();
}

/** No stream: that of Node ends the process on a full disk, and takes nothing any more after one fault. */
function openFileOutput(fd: number): SeriesOutput {
  const writeAll = (chunk: Uint8Array, done: (error?: Error | null) => void): void =>
    write(fd, chunk, (error, written) => {
      if (error !== null || written === chunk.length) done(error);
      else writeAll(chunk.subarray(written), done);
    });
  return { writableLength: 0, write: writeAll };
}
