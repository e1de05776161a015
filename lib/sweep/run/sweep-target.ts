import { otherKindsOf } from '../../collectors/needs.ts';
import { patienceOf } from '../../config/run-times.ts';
import { type Deadline, startDeadline } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { type StateWatch, watchStores } from '../../state/around.ts';
import type { LastRun, RunStore } from '../../state/stores/runs.ts';
import type { TargetOrder } from '../dispatch/target-order.ts';
import { toParts } from '../fill/delivered-parts.ts';
import { type Fill, type FillDeps, readFill } from '../fill/fill.ts';
import { type ListTargetDeps, listTarget } from '../listing/list-target.ts';
import type { NetboxDeps } from '../listing/netbox-run.ts';
import { MAX_BATCH_HOSTS } from '../plan/batch-size.ts';
import { collectorsOf } from '../plan/target-settings.ts';
import { type DeliverDeps, deliver } from '../result/deliver.ts';
import { type OutcomeChange, outcomeChanges } from '../result/outcome-changes.ts';
import { exitCodeOf, notSwept, type TargetSummary } from '../result/summary.ts';
import { type CollectedTarget, toTargetResult } from '../result/target-result.ts';
import { isTold, lookUpPins } from '../result/untold-pins.ts';
import { isOverSsh } from './ask-target.ts';
import { collectedNothing, listedNothing } from './broken-run.ts';
import { type AfterPush, type CollectTargetDeps, collectTarget } from './collect-target.ts';
import { openKeptTally } from './kept-tally.ts';
import { type RememberRunDeps, rememberRun } from './remember-run.ts';
import { type RunLease, takeLease } from './run-lease.ts';
import { isAhead } from './schedule-event.ts';

export type SweepTargetDeps = ListTargetDeps &
  Omit<CollectTargetDeps, 'events' | 'fill'> &
  Parameters<typeof openKeptTally>[1] &
  Omit<DeliverDeps, 'parts'> &
  FillDeps &
  Parameters<typeof lookUpPins>[1] &
  Pick<RememberRunDeps, 'dryRun'> & {
    readonly randomId: () => string;
    readonly runs: RunStore;
    /** Undefined when no NetBox is configured. */
    readonly startActiveDevices?: NetboxDeps['startActiveDevices'] | undefined;
    /** Rule 6: the refusals that a run may cause on hosts where the credential is not proven. */
    readonly allowanceOf: (hosts: number) => number;
  };

/** What became of a target, and what is left to do when no run of this process is under way. */
export interface SweptTarget extends AfterPush {
  readonly summary: TargetSummary;
}

const leftOut = (target: string, status: 'lease' | 'duplicate'): SweptTarget => ({
  summary: notSwept(target, status, []),
  suspects: [],
});

/** The logout comes after the push, for which a vCenter that hangs must leave the time. */
const MIN_LOGOUT_MS = 1_000;
const MAX_LOGOUT_MS = 5_000;
const MAX_REMEMBER_MS = 2_000;
/** Of a run that this process was stalled in, whose end came later. */
const MIN_PUSH_MS = 500;

/**
 * One run of a sweep over one target: lease, list, plan, collect, merge, push, remember. Whatever fails becomes an
 * outcome or a problem in the summary, also what is wrong in vsweep itself: then every host counts as lost.
 */
export async function sweepTarget(
  order: TargetOrder,
  given: SweepTargetDeps,
  { signal }: { signal: AbortSignal },
): Promise<SweptTarget> {
  const { stores, watch } = watchStores(storesOf(given));
  const deps = { ...given, ...stores };
  const { runId, sweep, target, scheduledAt, times, timeline } = order;
  const run = {
    sweep: sweep.name,
    target: target.name,
    holder: runId,
    endsAt: times.leaseEnd,
    everyMs: sweep.everyMs,
    // The list that stands in where no time is left for listing has all hosts.
    patienceMs: patienceOf(timeline.msUntil(times.listEnd)),
  };
  let lease: RunLease | undefined;
  using runTime = startDeadline({
    clock: deps.clock,
    ms: timeline.msUntil(times.runEnd),
    what: `the run on ${target.name}`,
    signal,
    patienceMs: times.graceMs,
    // Else another run could begin beside this one.
    mayProlong: async (ms) => (await lease?.prolong(ms + times.leaseEnd - times.runEnd)) ?? false,
  });
  lease = await takeLease(run, deps, runTime);
  if (lease === undefined) return leftOut(target.name, 'lease');
  try {
    const known = await readLast(order, deps, runTime);
    const { last } = known;
    if (scheduledAt !== undefined && isAsRecent(last, { sweep, scheduledAt }, deps)) {
      return leftOut(target.name, 'duplicate');
    }
    const maxBatchHosts = Math.min(last?.maxBatchHosts ?? MAX_BATCH_HOSTS, MAX_BATCH_HOSTS);
    return await sweepWithLease({ ...order, maxBatchHosts }, { lease, ...known, watch }, deps, runTime);
  } finally {
    await lease.release();
  }
}

/** A time that lies ahead is of a clock that was wrong, or of a mistaken event: then nobody ran for it. */
function isAsRecent(
  last: LastRun | undefined,
  { sweep, scheduledAt }: { sweep: TargetOrder['sweep']; scheduledAt: number },
  { clock, log }: Pick<SweepTargetDeps, 'clock' | 'log'>,
): boolean {
  if (last === undefined || last.isDry || last.scheduledAt < scheduledAt) return false;
  if (!isAhead({ sweep, scheduledAt: last.scheduledAt }, clock.now())) return true;
  log.warn(`sweep ${sweep.name}: the recorded time of the last run is in the future; it is ignored`, {
    scheduledAt: new Date(last.scheduledAt).toISOString(),
  });
  return false;
}

/** What is kept of the run before; that it could not be read costs this run nothing else. */
async function readLast(
  { sweep, target }: TargetOrder,
  { runs }: Pick<SweepTargetDeps, 'runs'>,
  options: { signal: AbortSignal },
): Promise<Pick<Held, 'last' | 'lastProblem'>> {
  try {
    return { last: await runs.readLast(sweep.name, target.name, options) };
  } catch (error) {
    return { last: undefined, lastProblem: `the last run could not be read: ${messageOf(error)}` };
  }
}

const storesOf = ({
  accounts,
  credentialStates,
  eventTallies,
  fills,
  flights,
  groups,
  hostKeys,
  hostLists,
  rolls,
  runs,
}: SweepTargetDeps) => ({
  accounts,
  credentialStates,
  eventTallies,
  fills,
  flights,
  groups,
  hostKeys,
  hostLists,
  rolls,
  runs,
});

interface Held {
  readonly lease: RunLease;
  readonly last: LastRun | undefined;
  /** Why it could not be read. */
  readonly lastProblem?: string;
  readonly watch: StateWatch;
}

async function sweepWithLease(
  order: TargetOrder,
  held: Held,
  deps: SweepTargetDeps,
  options: Deadline,
): Promise<SweptTarget> {
  const { target, times } = order;
  // Begins beside the listing; NetBox may know a host by its address only.
  void order.netbox?.verdict();
  const managementAddress =
    order.netbox !== undefined || (isOverSsh(order) && deps.config.esxi?.address === 'management-ip');
  const noteFault = (error: unknown) =>
    deps.log.error(`target ${target.name}: the run ended by an internal error`, { error: messageOf(error) });
  const reading = readFill(order, deps, options);
  const listed = await listTarget(target, deps, {
    ...options,
    listEnd: times.listEnd,
    timeline: order.timeline,
    patienceMs: Math.min(times.graceMs, times.listEnd - times.start),
    sessionEnd: times.leaseEnd,
    managementAddress,
    sshService: isOverSsh(order),
    kinds: otherKindsOf(collectorsOf(order.sweep)),
    machineIdentity: deps.config.metrics.preset.includes('otel'),
  }).catch((error: unknown) => {
    noteFault(error);
    return listedNothing(target.name, error, deps, options);
  });
  const fill = await reading;
  const deliverIt = (collected: CollectedTarget) =>
    deliverAndRemember(order, { ...held, collected, fill }, deps, options);
  try {
    const events = openKeptTally(order, deps);
    const collected = await collectTarget(order, listed, { ...deps, events, fill }, options);
    const summary = await deliverIt(collected);
    await collected.keepForNextRun(options);
    return { summary, suspects: collected.suspects };
  } catch (error) {
    noteFault(error);
    const overSsh = deps.config.esxi !== undefined && isOverSsh(order);
    return { summary: await deliverIt(collectedNothing(order, { listed, overSsh, error })), suspects: [] };
  } finally {
    const left = order.timeline.msUntil(times.runEnd);
    await listed.session?.close({ ms: Math.max(MIN_LOGOUT_MS, Math.min(MAX_LOGOUT_MS, left)) });
  }
}

async function deliverAndRemember(
  order: TargetOrder,
  {
    lease,
    last,
    lastProblem,
    watch,
    collected,
    fill,
  }: Held & { collected: CollectedTarget & Partial<AfterPush>; fill: Fill | undefined },
  deps: SweepTargetDeps,
  options: Deadline,
): Promise<TargetSummary> {
  const { sweep, target, times } = order;
  const { overSsh, merged, lostBefore, isLossy = true, suspects = [] } = collected;
  const pins = overSsh
    ? await lookUpPins(
        {
          target: target.name,
          startedAt: times.start,
          last,
          lostBefore,
          leftMs: order.timeline.msUntil(times.runEnd),
        },
        deps,
        options,
      )
    : undefined;
  const { summary, families } = toTargetResult(
    {
      sweep: sweep.name,
      target,
      host: order.host,
      everyMs: sweep.everyMs,
      startedAt: times.start,
      lastSuccessAt: last?.lastSuccessAt,
      sinks: last?.sinks,
      legacyNames: deps.config.metrics.legacyNames,
      presets: deps.config.metrics,
      stateUp: watch.isUp(),
      untoldPins: pins?.untold ?? 0,
    },
    collected,
    deps.clock.now(),
  );
  // A gateway that hangs must not take the time in which the run is remembered.
  const rememberMs = Math.min(MAX_REMEMBER_MS, (times.runEnd - times.collectEnd) / 3);
  using pushTime = startDeadline({
    clock: deps.clock,
    ms: Math.max(MIN_PUSH_MS, options.remainingMs() - rememberMs),
    what: `the push of ${target.name}`,
    patienceMs: times.graceMs,
    signal: options.signal,
  });
  const series = {
    group: { job: sweep.job, instance: target.name },
    families,
    validUntil: times.start + 3 * sweep.everyMs,
  };
  const parts = fill && toParts(order, { series, fill, listed: collected.listed }, deps);
  const { problems, ...delivered } = await deliver(
    series,
    { ...deps, parts },
    { signal: pushTime.signal, holdsLease: () => lease.isHeld(options) },
  );
  const finished: TargetSummary = {
    ...summary,
    ...delivered,
    problems: [...summary.problems, ...(lastProblem === undefined ? [] : [lastProblem]), ...problems],
    durationMs: Math.max(0, Math.round(order.timeline.now() - times.start)),
  };
  tellChanges(outcomeChanges(last, finished.hosts), target.name, deps.log);
  // What could not be read is not overwritten by a record without the last success.
  if (lastProblem === undefined || exitCodeOf([finished]) !== 1)
    await rememberRun(
      order,
      {
        summary: finished,
        last,
        tooLarge: merged.tooLarge,
        untoldPins: pins?.next({
          pinned: merged.pinned,
          isTold: isTold(finished, deps),
          mayHaveMore: isLossy || suspects.length > 0,
        }),
      },
      deps,
      options,
    );
  return finished;
}

/** More would hide the rest of a log: when a vCenter goes away, every host changes. */
const MAX_TOLD_CHANGES = 50;

/** A host has a line in the log when its outcome changed, or when it is not ok in the first run with it; and only then. */
function tellChanges(changes: readonly OutcomeChange[], target: string, log: Log): void {
  for (const change of changes.slice(0, MAX_TOLD_CHANGES)) {
    log.info(change.before === undefined ? 'host is not ok' : 'host outcome changed', { target, ...change });
  }
  const more = changes.length - MAX_TOLD_CHANGES;
  if (more > 0) log.info('more host outcomes changed', { target, hosts: more });
}
