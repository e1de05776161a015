import type { LoadedConfig } from '../config/loaded-config.ts';
import type { Log } from '../platform/log.ts';
import { exitCodeOf, notSwept, type RunSummary } from '../sweep/result/summary.ts';

/** The log of a run that a signal may end: silent from then on, because what comes to an end is no news. */
export function quietOnceStopped(log: Log, { signal }: { signal: AbortSignal }): Log {
  const until =
    (write: Log['warn']): Log['warn'] =>
    (message, fields) => {
      if (!signal.aborted) write(message, fields);
    };
  return { debug: until(log.debug), info: until(log.info), warn: until(log.warn), error: until(log.error) };
}

/**
 * The summary of a run during which a signal may have come: then what did not reach the gateway before says that
 * alone, and not what the end cost each host.
 */
export function asStopped(summary: RunSummary, { signal }: { signal: AbortSignal }): RunSummary {
  if (!signal.aborted) return summary;
  const targets = summary.targets.map((target) =>
    target.push === 'pushed' ? target : notSwept(target.target, 'stopped', []),
  );
  return { ...summary, targets, exitCode: exitCodeOf(targets) };
}

/** The summary of a dry run: what a push would have taken was held back, and nothing is served. */
export function asDryRun(summary: RunSummary, { config }: LoadedConfig): RunSummary {
  const targets = summary.targets.map((target) => ({
    ...target,
    published: false,
    ...(target.push === 'not-configured' && config.push !== undefined ? { push: 'dry-run' as const } : {}),
  }));
  return { ...summary, targets };
}
