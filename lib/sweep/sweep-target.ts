import type { SweepConfig, TargetConfig } from '../config/schema.ts';
import { startDeadline } from '../platform/deadline.ts';
import { messageOf } from '../platform/errors.ts';
import type { LastRun, RunStore } from '../state/runs.ts';
import { type DeliverDeps, deliver } from './deliver.ts';
import { type DispatchDeps, dispatchBatches } from './dispatch.ts';
import { type ListTargetDeps, listTarget } from './list-target.ts';
import { mergeBatches } from './merge.ts';
import { printOutcome } from './outcome.ts';
import { planHosts, sliceBatches } from './plan-hosts.ts';
import { takeLease } from './run-lease.ts';
import type { RunTimes } from './run-times.ts';
import { prepareSsh, type SshPlanDeps } from './ssh-plan.ts';
import { exitCodeOf, notSwept, type TargetSummary } from './summary.ts';
import { type CollectedTarget, toTargetResult } from './target-result.ts';
import { collectorsOf } from './target-settings.ts';

export interface SweepTargetDeps
  extends ListTargetDeps,
    Omit<SshPlanDeps, 'accounts'>,
    DispatchDeps,
    DeliverDeps {
  readonly randomId: () => string;
  readonly accounts: ListTargetDeps['accounts'] & SshPlanDeps['accounts'];
  readonly runs: RunStore;
  /** Called with the hosts done and in all, as batches come back. */
  readonly onProgress?: (progress: { target: string; done: number; hosts: number }) => void;
}

export interface TargetOrder {
  readonly runId: string;
  readonly sweep: SweepConfig;
  readonly target: TargetConfig;
  /** Milliseconds since the epoch; undefined when it is asked for now. */
  readonly scheduledAt: number | undefined;
  readonly times: RunTimes;
}

/** Below Lambda's 1,024 file descriptors, and few enough that a lost worker costs a small part of the fleet. */
const MAX_BATCH_HOSTS = 250;

/**
 * One run of a sweep over one target: lease, list, plan, collect, merge, push, remember. Rejects only for what is
 * wrong in vsweep itself; whatever fails outside becomes an outcome or a problem in the summary.
 */
export async function sweepTarget(
  order: TargetOrder,
  deps: SweepTargetDeps,
  { signal }: { signal: AbortSignal },
): Promise<TargetSummary> {
  const { runId, sweep, target, scheduledAt, times } = order;
  const run = { sweep: sweep.name, target: target.name, holder: runId, endsAt: times.leaseEnd };
  using runTime = startDeadline({
    clock: deps.clock,
    endsAt: times.runEnd,
    what: `the run on ${target.name}`,
    signal,
  });
  const lease = await takeLease(run, deps, runTime);
  if (lease === undefined) return notSwept(target.name, 'lease', []);
  try {
    const last = await deps.runs.readLast(sweep.name, target.name, runTime).catch(() => undefined);
    if (scheduledAt !== undefined && last !== undefined && last.scheduledAt >= scheduledAt) {
      return notSwept(target.name, 'duplicate', []);
    }
    const collected = await collectTarget(order, deps, runTime);
    const { summary, families } = toTargetResult(
      { sweep: sweep.name, target, startedAt: times.start, lastSuccessAt: last?.lastSuccessAt },
      collected,
      deps.clock.now(),
    );
    const { problem, ...delivered } = await deliver(
      {
        group: { job: sweep.job, instance: target.name },
        families,
        validUntil: times.start + 3 * sweep.everyMs,
        holdsLease: () => lease.isHeld(runTime),
      },
      deps,
      runTime,
    );
    const finished: TargetSummary = {
      ...summary,
      ...delivered,
      problems: [...summary.problems, ...(problem === undefined ? [] : [problem])],
      durationMs: Math.max(0, deps.clock.now() - times.start),
    };
    await remember(order, { summary: finished, last }, deps, runTime);
    return finished;
  } finally {
    await lease.release();
  }
}

async function collectTarget(
  { runId, sweep, target, times }: TargetOrder,
  deps: SweepTargetDeps,
  { signal }: { signal: AbortSignal },
): Promise<CollectedTarget> {
  const collectors = collectorsOf(sweep);
  const { esxi } = deps.config;
  const overSsh = esxi !== undefined && collectors.some(({ needs }) => needs.probes.length > 0);
  using collecting = startDeadline({
    clock: deps.clock,
    endsAt: times.collectEnd,
    what: `collecting from ${target.name}`,
    signal,
  });
  const managementAddress = overSsh && esxi.address === 'management-ip';
  const listed = await listTarget(target, deps, {
    listEnd: times.listEnd,
    managementAddress,
    signal: collecting.signal,
  });
  try {
    const ssh = overSsh ? await prepareSsh(target, esxi, deps, collecting) : undefined;
    const hosts = planHosts(listed.list?.hosts ?? [], { site: target.site, ssh: ssh?.plan });
    let done = 0;
    const finished = await dispatchBatches(
      sliceBatches(hosts, MAX_BATCH_HOSTS),
      {
        runId,
        sweep: sweep.name,
        target: target.name,
        endsAt: times.workerEnd,
        credential: ssh?.credential && {
          id: ssh.credential.id,
          version: ssh.credential.version,
          username: ssh.credential.username,
        },
        needsProperties: collectors.some(({ needs }) => needs.properties.length > 0),
        session: listed.session,
      },
      {
        ...deps,
        onFinished: (count) => {
          done += count;
          deps.onProgress?.({ target: target.name, done, hosts: hosts.length });
        },
      },
      collecting,
    );
    return {
      listed,
      merged: mergeBatches(finished, { collectors, overSsh }),
      collectors,
      overSsh,
      problems: [...listed.problems, ...(ssh?.problems ?? [])],
    };
  } finally {
    await listed.session?.close();
  }
}

/** Kept for the next run; a failure costs the memory of this one, not its result. */
async function remember(
  { sweep, target, scheduledAt, times }: TargetOrder,
  { summary, last }: { summary: TargetSummary; last: LastRun | undefined },
  deps: SweepTargetDeps,
  options: { signal: AbortSignal },
): Promise<void> {
  const exitCode = exitCodeOf([summary]);
  const lastSuccessAt = exitCode === 1 ? last?.lastSuccessAt : times.start;
  const record: LastRun = {
    scheduledAt: scheduledAt ?? times.start,
    startedAt: times.start,
    endedAt: deps.clock.now(),
    exitCode,
    ...(lastSuccessAt === undefined ? {} : { lastSuccessAt }),
    outcomes: Object.fromEntries(
      summary.hosts.map(({ moref, outcomes }) => [
        moref,
        Object.values(outcomes).map(printOutcome).join(' '),
      ]),
    ),
  };
  await deps.runs.writeLast(sweep.name, target.name, record, options).catch((error: unknown) => {
    deps.log.warn('the run could not be remembered', { target: target.name, error: messageOf(error) });
  });
}
