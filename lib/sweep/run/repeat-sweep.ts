import type { SweepConfig } from '../../config/schema.ts';
import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { isMissing, type SweepStatus } from '../../sinks/exporter/service-status.ts';
import type { RunSummary, TargetSummary } from '../result/summary.ts';

/** A sweep on its schedule. */
export interface RepeatedSweep {
  /** Runs it until the signal aborts; never rejects. */
  run(options: { signal: AbortSignal }): Promise<void>;
  /** What became of it so far. */
  status(): SweepStatus;
}

/**
 * Runs a sweep now and then each time its interval has passed, never two runs at once: a run that takes longer lets
 * the next one start late. A run that throws is logged and counted, and the next one comes with its interval.
 */
export function createRepeatedSweep(
  sweep: Pick<SweepConfig, 'name' | 'everyMs'>,
  work: { clock: Clock; log: Log; runOnce: (options: { signal: AbortSignal }) => Promise<RunSummary> },
): RepeatedSweep {
  const { clock, log } = work;
  const { name, everyMs } = sweep;
  // Neither a step of the clock nor a pause of the process makes a loop stuck.
  const ran = () => clock.monotonic() - (clock.stalledMs?.() ?? 0);
  let lastEndedAt = ran();
  let lastWholeAt = lastEndedAt;
  let broken = 0;
  let last: RunSummary | undefined;

  async function once(options: { signal: AbortSignal }): Promise<void> {
    try {
      last = await work.runOnce(options);
      lastWholeAt = ran();
    } catch (error) {
      broken += 1;
      log.error(`sweep ${name}: the run ended by an internal error`, { error: messageOf(error), broken });
    }
    lastEndedAt = ran();
  }

  return {
    async run({ signal }) {
      while (!signal.aborted) {
        const startedAt = clock.now();
        await once({ signal });
        // A clock that was set back must not make it rest for longer than an interval.
        const restMs = Math.min(everyMs, Math.max(0, startedAt + everyMs - clock.now()));
        await clock.sleep(restMs, { signal }).catch(() => undefined);
      }
    },
    status: () => ({
      name,
      everyMs,
      isStuck: isMissing({ lastAt: lastEndedAt, everyMs }, ran()),
      isBroken: isMissing({ lastAt: lastWholeAt, everyMs }, ran()),
      broken,
      ...(last === undefined ? {} : { lastRun: toLastRun(last) }),
    }),
  };
}

function toLastRun({
  startedAt,
  endedAt,
  exitCode,
  targets,
}: RunSummary): NonNullable<SweepStatus['lastRun']> {
  const told = targets.map((target) => [target.target, describe(target)] as const);
  return { startedAt, durationMs: endedAt - startedAt, exitCode, targets: Object.fromEntries(told) };
}

function describe({ status, paths }: TargetSummary): string {
  const counts = Object.entries(paths).map(
    ([path, { ok, failed, skipped }]) => `${path} ${ok} ok, ${failed} failed, ${skipped} skipped`,
  );
  return [status, ...counts].join('; ');
}
