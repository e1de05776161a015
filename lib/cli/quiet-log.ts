import type { Log } from '../platform/log.ts';

/** The log of a run that a signal may end: silent from then on, because what comes to an end is no news. */
export function quietOnceStopped(log: Log, { signal }: { signal: AbortSignal }): Log {
  const until =
    (write: Log['warn']): Log['warn'] =>
    (message, fields) => {
      if (!signal.aborted) write(message, fields);
    };
  return { debug: until(log.debug), info: until(log.info), warn: until(log.warn), error: until(log.error) };
}
