import type { SweepConfig } from '../../lib/config/schema.ts';
import type { Clock } from '../../lib/platform/clock.ts';
import { VsweepError } from '../../lib/platform/errors.ts';
import type { Log } from '../../lib/platform/log.ts';
import { type RunMetric, toRunMetrics } from '../../lib/sweep/result/run-metrics.ts';
import type { RunSummary } from '../../lib/sweep/result/summary.ts';
import { createRepeatedSweep, type RepeatedSweep } from '../../lib/sweep/run/repeat-sweep.ts';
import type { RunOrder } from '../../lib/sweep/run/run-sweep.ts';
import { failureOf } from '../../lib/sweep/run/schedule-event.ts';
import { toRunLine } from '../run-line.ts';

export interface RunTaskDeps {
  readonly sweeps: readonly SweepConfig[];
  readonly clock: Clock;
  readonly log: Log;
  runSweep(order: RunOrder, options: { signal: AbortSignal }): Promise<RunSummary>;
  /** Gives the values of a run to CloudWatch. */
  publish(values: readonly RunMetric[], of: { readonly sweep: string }): void;
}

/** No run of a sweep has ended for several intervals: this process has to be started again. */
export class StuckError extends VsweepError<'stuck'> {
  constructor(sweep: string) {
    super(
      `no run of sweep ${sweep} has ended for more than three of its intervals; the task ends, and ECS starts another one`,
      { code: 'stuck' },
    );
  }
}

const LOOK_MS = 10_000;
/** As long as ECS gives, less the time to end the process. */
const LAST_MS = 20_000;

/**
 * Every sweep on its schedule until the signal aborts, as `vsweep run` does it; then a run under way has ended, with its
 * logouts and records. Rejects with StuckError when a loop is stuck, after a while in which the others end.
 */
export async function runTask(deps: RunTaskDeps, { signal }: { signal: AbortSignal }): Promise<void> {
  const { sweeps, clock, log } = deps;
  const giveUp = new AbortController();
  const stopped = AbortSignal.any([signal, giveUp.signal]);
  const repeated = sweeps.map((sweep) =>
    createRepeatedSweep(sweep, { clock, log, runOnce: (options) => runOnce(sweep, deps, options) }),
  );
  const ended = new AbortController();
  const all = Promise.all(repeated.map((sweep) => sweep.run({ signal: stopped }))).finally(() =>
    ended.abort(),
  );
  const stuck = await Promise.race([all.then(() => undefined), findStuck(repeated, clock, ended)]);
  if (stuck === undefined) return;
  // Runs of the other sweeps record their logins and log out.
  giveUp.abort(new StuckError(stuck));
  await Promise.race([all, clock.sleep(LAST_MS, { signal: ended.signal }).catch(() => undefined)]);
  throw new StuckError(stuck);
}

async function runOnce(
  sweep: SweepConfig,
  deps: RunTaskDeps,
  options: { signal: AbortSignal },
): Promise<RunSummary> {
  const { log } = deps;
  const summary = await deps.runSweep({ sweep }, options);
  // What a stop cut off says nothing about the fleet, and fires no alarm.
  if (options.signal.aborted) return summary;
  deps.publish(toRunMetrics(summary), { sweep: sweep.name });
  log.info(`sweep ${sweep.name}`, toRunLine(summary));
  const failure = failureOf(summary);
  if (failure !== undefined) log.error(failure, { runId: summary.runId });
  for (const { target, problems } of failure === undefined ? summary.targets : []) {
    for (const problem of problems)
      log.warn(`sweep ${sweep.name} on ${target}: ${problem}`, { runId: summary.runId });
  }
  return summary;
}

/** The name of a sweep whose loop is stuck; undefined when the signal aborts before there is one. */
async function findStuck(
  repeated: readonly RepeatedSweep[],
  clock: Clock,
  { signal }: { signal: AbortSignal },
): Promise<string | undefined> {
  while (!signal.aborted) {
    await clock.sleep(LOOK_MS, { signal, background: true }).catch(() => undefined);
    const stuck = repeated.map((sweep) => sweep.status()).find(({ isStuck }) => isStuck);
    if (stuck !== undefined) return stuck.name;
  }
  return undefined;
}
