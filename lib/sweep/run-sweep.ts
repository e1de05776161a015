import { groupsOf, targetsOfSweep } from '../config/cross-checks.ts';
import { planRunTimes, type RunTimes } from '../config/run-times.ts';
import type { SweepConfig } from '../config/schema.ts';
import { startDeadline } from '../platform/deadline.ts';
import { messageOf } from '../platform/errors.ts';
import { createRunLogins } from './accounts/run-logins.ts';
import { createNetboxRun } from './plan/netbox-run.ts';
import { exitCodeOf, notSwept, type RunSummary } from './summary.ts';
import { itBroke } from './target/broken-run.ts';
import { deleteLeftoverGroups } from './target/deliver.ts';
import { type SweepTargetDeps, sweepTarget } from './target/sweep-target.ts';

/** What asks for a run: the scheduler or an operator. */
export interface RunOrder {
  readonly sweep: SweepConfig;
  /** Only this one of the sweep's targets. */
  readonly target?: string | undefined;
  /**
   * Milliseconds since the epoch, when a schedule asks: a run that is not newer than the last one is a duplicate.
   * Without it the run is asked for now and is never a duplicate.
   */
  readonly scheduledAt?: number | undefined;
  /** What the platform leaves of the process's time, when it bounds it. */
  readonly remainingMs?: number;
}

/** One run of a sweep over all its targets, side by side: none of them can cost another one its result. */
export async function runSweep(
  { sweep, target: only, scheduledAt, remainingMs }: RunOrder,
  deps: SweepTargetDeps,
  options: { signal: AbortSignal },
): Promise<RunSummary> {
  const runId = deps.randomId();
  const startedAt = deps.clock.now();
  const times = planRunTimes({
    start: startedAt,
    everyMs: sweep.everyMs,
    ...(remainingMs === undefined ? {} : { remainingMs }),
  });
  const logins = createRunLogins(deps);
  const netbox = openNetbox(times, deps, options);
  const targets = await Promise.all(
    targetsOfSweep(sweep, deps.config)
      .filter(({ name }) => only === undefined || name === only)
      .map(async (target) => {
        const order = { runId, sweep, target, scheduledAt, times, logins, netbox };
        return sweepTarget(order, deps, options).catch((error: unknown) => {
          deps.log.error(`the run on ${target.name} broke`, { error: messageOf(error) });
          return notSwept(target.name, 'dark', [itBroke(error)]);
        });
      }),
  );
  using cleanUp = startDeadline({
    ...options,
    clock: deps.clock,
    endsAt: times.runEnd,
    what: 'deleting old groups',
  });
  await deleteLeftoverGroups(groupsOf(deps.config), deps, cleanUp);
  await netbox?.finish();
  return {
    runId,
    sweep: sweep.name,
    scheduledAt: scheduledAt ?? startedAt,
    startedAt,
    endedAt: deps.clock.now(),
    exitCode: exitCodeOf(targets),
    targets,
  };
}

function openNetbox(
  times: RunTimes,
  { config, clock, startActiveDevices }: SweepTargetDeps,
  options: { signal: AbortSignal },
) {
  if (config.netbox === undefined || startActiveDevices === undefined) return undefined;
  return createNetboxRun(config.netbox, times, { clock, startActiveDevices }, options);
}
