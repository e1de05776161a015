import { encodeExposition } from '../../metrics/encode-exposition.ts';
import { withLabels } from '../../metrics/with-labels.ts';
import { untilAborted } from '../../platform/until-aborted.ts';
import type { RunSeries, Sink } from '../sink.ts';

/** Where the text goes; a stream is one. */
export interface SeriesOutput {
  /** Bytes that the system has not taken yet. */
  readonly writableLength: number;
  /** `done` is called once: when the system has taken all of it, or with why it did not. */
  write(chunk: Uint8Array, done: (error?: Error | null) => void): unknown;
}

/**
 * The series of each run as text, for a program that reads them through a pipe. Those of one group stand together, with the
 * labels `job` and `instance`; a line is never torn. It takes times. Where nobody reads, a delivery is not taken, and no more
 * than one chunk waits in memory.
 */
export function createStdoutSink(output: SeriesOutput): Sink {
  let before: Promise<unknown> = Promise.resolve();
  return {
    name: 'stdout',
    async deliver({ group, families }: RunSeries, { signal, holdsLease }) {
      const print = async (): Promise<'delivered' | 'lease-lost'> => {
        signal.throwIfAborted();
        if (!(await holdsLease())) return 'lease-lost';
        if (output.writableLength > 0) throw new Error(NOT_READ);
        for (const chunk of encodeExposition(withLabels(families, { ...group }))) {
          await untilAborted(write(output, chunk), signal);
        }
        return 'delivered';
      };
      const printed = before.then(print);
      before = printed.catch(() => undefined);
      return await printed;
    },
    // What was printed is the reader's.
    forget: async () => false,
  };
}

const NOT_READ = 'nobody reads standard output. Check the program at the other end of the pipe';

/** Resolves when the system has taken it. */
const write = (output: SeriesOutput, chunk: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    output.write(chunk, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(new Error(`standard output took no more: ${error.message}`, { cause: error }));
    });
  });
