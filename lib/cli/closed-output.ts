import type { Writable } from 'node:stream';

/**
 * Lets a command go on to its usual end when the reader of its output has gone, as `| head -1` does (EPIPE), or the
 * terminal that it ran on (EIO), so that it logs out and clears up. What it prints after that is dropped; any other
 * fault of the stream still ends the process.
 */
export function surviveClosedOutput(streams: readonly Pick<Writable, 'on'>[]): void {
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    });
  }
}
