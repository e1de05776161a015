import { groupsOf, targetsOfSweep } from '../../config/cross-checks.ts';
import { planRunTimes, planTryTimes, type RunTimes } from '../../config/run-times.ts';
import type { SweepConfig } from '../../config/schema.ts';
import { createRunLogins } from '../../logins/trial/run-logins.ts';
import { startDeadline } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import { inLogContext } from '../../platform/log-context.ts';
import { makeOnce } from '../../platform/once.ts';
import { startTimeline, type Timeline } from '../../platform/timeline.ts';
import { createOwnHosts } from '../dispatch/own-batches.ts';
import { createNetboxRun } from '../listing/netbox-run.ts';
import { createRunLists } from '../listing/run-lists.ts';
import { forgetLeftoverGroups } from '../result/deliver.ts';
import { asStopped, exitCodeOf, notSwept, type RunSummary } from '../result/summary.ts';
import { type AskedAlone, type AskSuspectsDeps, askSuspects } from './ask-suspects.ts';
import { itBroke } from './broken-run.ts';
import { idOfTry, MAX_TRY_MS } from './run-lease.ts';
import type { RunsUnderWay } from './runs-under-way.ts';
import { type SweepTargetDeps, sweepTarget } from './sweep-target.ts';

/** What asks for a run: the scheduler or an operator. */
export interface RunOrder {
  readonly sweep: SweepConfig;
  /** Only this one of the sweep's targets. */
  readonly target?: string | undefined;
  /** Of all hosts only this one is asked by ssh: its managed object id. */
  readonly host?: string | undefined;
  /** Of its probes only these are run there, by their names. */
  readonly probes?: readonly string[] | undefined;
  /**
   * Milliseconds since the epoch, when a schedule asks: a run that is not newer than the last one is a duplicate.
   * Without it the run is asked for now and is never a duplicate.
   */
  readonly scheduledAt?: number | undefined;
  /** What the platform leaves of the process's time, when it bounds it. */
  readonly remainingMs?: number;
}

export type RunSweepDeps = SweepTargetDeps &
  AskSuspectsDeps & {
    /** Of this process. */
    readonly underWay: RunsUnderWay;
  };

/**
 * One run of a sweep over all its targets, side by side: none of them can cost another one its result. Hosts that may
 * end the process are asked when all is pushed, and while no other run of the process is under way.
 */
export async function runSweep(
  order: RunOrder,
  deps: RunSweepDeps,
  options: { signal: AbortSignal },
): Promise<RunSummary> {
  const runId = order.host === undefined ? deps.randomId() : idOfTry(deps.randomId());
  return await inLogContext({ runId }, () => runByItsId({ ...order, runId }, deps, options));
}

async function runByItsId(
  order: RunOrder & { readonly runId: string },
  deps: RunSweepDeps,
  options: { signal: AbortSignal },
): Promise<RunSummary> {
  const end = await deps.underWay.begin(options);
  try {
    const { run, summary, suspects } = await sweepTargets(order, deps, options);
    end();
    // The push stands, whatever becomes of them.
    const asked = await askSuspects(run, suspects, deps, options).catch((error: unknown) => {
      deps.log.error(`sweep ${order.sweep.name}: hosts that ended a worker could not be tried`, {
        error: messageOf(error),
      });
      return [];
    });
    return { ...withAsked(summary, asked), endedAt: deps.clock.now() };
  } finally {
    end();
  }
}

/** What came of hosts after the push, beside what they count as in this run. */
function withAsked(summary: RunSummary, asked: readonly AskedAlone[]): RunSummary {
  const detailsOf = (target: string, moref: string) =>
    asked.filter((one) => one.target === target && one.moref === moref).map(({ detail }) => detail);
  const targets = summary.targets.map((target) => ({
    ...target,
    hosts: target.hosts.map((host) => ({
      ...host,
      details: [...host.details, ...detailsOf(target.target, host.moref)],
    })),
  }));
  return asked.length === 0 ? summary : { ...summary, targets };
}

async function sweepTargets(
  {
    runId,
    sweep,
    target: only,
    host,
    probes,
    scheduledAt,
    remainingMs,
  }: RunOrder & { readonly runId: string },
  deps: SweepTargetDeps,
  options: { signal: AbortSignal },
) {
  const timeline = startTimeline(deps.clock);
  const startedAt = timeline.now();
  const times =
    host === undefined
      ? planRunTimes({
          start: startedAt,
          everyMs: sweep.everyMs,
          ...(remainingMs === undefined ? {} : { remainingMs }),
        })
      : planTryTimes({ start: startedAt, ms: Math.min(MAX_TRY_MS, remainingMs ?? MAX_TRY_MS) });
  const logins = createRunLogins(deps);
  const ownHosts = deps.ownBatches && createOwnHosts(deps.ownBatches);
  const leftFlights = makeOnce<readonly string[]>();
  const run = { runId, sweep, host, probes, times, timeline, logins, leftFlights, lists: createRunLists() };
  const netbox = openNetbox({ times, timeline }, deps, options);
  const asked = targetsOfSweep(sweep, deps.config).filter(({ name }) => only === undefined || name === only);
  logins.turns.await(asked.map(({ name }) => name));
  const swept = await Promise.all(
    asked.map((target) =>
      sweepTarget({ ...run, target, scheduledAt, netbox, ownHosts }, deps, options)
        .catch((error: unknown) => {
          deps.log.error(`target ${target.name}: the run ended by an internal error`, {
            error: messageOf(error),
          });
          return { summary: notSwept(target.name, 'unlisted', [itBroke(error)]), suspects: [] };
        })
        .finally(() => logins.turns.settle(target.name)),
    ),
  );
  using cleanUp = startDeadline({
    ...options,
    clock: deps.clock,
    ms: timeline.msUntil(times.runEnd),
    what: 'deleting old groups',
  });
  await forgetLeftoverGroups(groupsOf(deps.config), deps, cleanUp);
  await netbox?.finish();
  const ended = swept.map(({ summary }) => summary);
  const targets = options.signal.aborted ? asStopped(ended) : ended;
  const summary: RunSummary = {
    runId,
    sweep: sweep.name,
    scheduledAt: scheduledAt ?? startedAt,
    startedAt,
    endedAt: timeline.now(),
    exitCode: exitCodeOf(targets),
    targets,
  };
  return { run, summary, suspects: swept.flatMap((one) => one.suspects) };
}

function openNetbox(
  run: { times: RunTimes; timeline: Timeline },
  { config, clock, startActiveDevices }: SweepTargetDeps,
  options: { signal: AbortSignal },
) {
  if (config.netbox === undefined || startActiveDevices === undefined) return undefined;
  return createNetboxRun(config.netbox, run, { clock, startActiveDevices }, options);
}
