import * as z from 'zod';
import { targetsOfSweep } from '../../config/cross-checks.ts';
import type { Config, SweepConfig } from '../../config/schema.ts';
import { sayNone } from '../../config/unknown-names.ts';
import { EventError } from '../errors.ts';
import type { Outcome } from '../outcome.ts';
import type { HostSummary, RunSummary, TargetSummary } from '../result/summary.ts';

/** What EventBridge Scheduler sends, or an operator by hand, who may leave `scheduledAt` out. */
const scheduleEvent = z.strictObject({
  sweep: z.string().max(253),
  target: z.string().max(253).optional(),
  /** `<aws.scheduler.scheduled-time>`, such as 2026-11-22T01:00:00Z. */
  scheduledAt: z.iso.datetime({ offset: true }).transform(Date.parse).optional(),
});

export interface ScheduledRun {
  readonly sweep: SweepConfig;
  readonly target: string | undefined;
  /** Milliseconds since the epoch. */
  readonly scheduledAt: number | undefined;
}

/** Checks an event against the configuration. Throws EventError. */
export function parseScheduleEvent(event: unknown, config: Config): ScheduledRun {
  const parsed = scheduleEvent.safeParse(event);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new EventError(
      `not a schedule event: ${issue?.path.join('.')}: ${issue?.message}; send {"sweep": "<name>"}, with "target" and ` +
        '"scheduledAt" (ISO 8601) where they are needed',
    );
  }
  const { sweep: name, target, scheduledAt } = parsed.data;
  const sweep = config.sweeps.find((one) => one.name === name);
  if (sweep === undefined) {
    throw new EventError(
      sayNone(
        'sweep',
        name,
        config.sweeps.map((one) => one.name),
      ),
    );
  }
  const targets = targetsOfSweep(sweep, config).map((one) => one.name);
  if (target !== undefined && !targets.includes(target)) {
    throw new EventError(`sweep "${name}" has no target "${target}"; it has ${targets.join(', ')}`);
  }
  return { sweep, target, scheduledAt };
}

/**
 * For an event that EventBridge Scheduler starts at the end of the minute that it has for it
 * (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html), and that then waits for its function.
 */
const START_GRACE_MS = 30_000;

/**
 * Whether its successor is due by now: then this one would only take its time away. Where both run after all, one of
 * them finds the other's lease.
 */
export const isLate = ({ sweep, scheduledAt }: ScheduledRun, now: number): boolean =>
  scheduledAt !== undefined && now - scheduledAt >= sweep.everyMs + START_GRACE_MS;

/**
 * Whether it is for a time that no schedule can ask for yet: a run recorded for it would make all runs before it
 * duplicates.
 */
export const isAhead = (
  {
    sweep,
    scheduledAt,
  }: { readonly sweep: { readonly everyMs: number }; readonly scheduledAt: number | undefined },
  now: number,
): boolean => scheduledAt !== undefined && scheduledAt - now > sweep.everyMs;

/** The same as a refusal, for an event. Throws EventError. */
export function refuseAhead(run: ScheduledRun, now: number): void {
  if (!isAhead(run, now)) return;
  const [at, clock] = [run.scheduledAt ?? 0, now].map((time) => new Date(time).toISOString());
  throw new EventError(
    `scheduledAt ${at} is more than the interval of sweep "${run.sweep.name}" (${run.sweep.everyMs / 1_000} s) after ` +
      `the time of this function, ${clock}; send the time for which the run is, or leave scheduledAt out`,
  );
}

const MAX_HOSTS = 50;

/**
 * A summary that an operator reads in an answer of Lambda: hosts that are ok are left out, of others stand the first
 * `maxHosts` a target, those that failed before those that were skipped.
 */
export function toBriefSummary(summary: RunSummary, maxHosts = MAX_HOSTS): RunSummary {
  const isAny = (kind: Outcome['kind']) => (host: HostSummary) =>
    Object.values(host.outcomes).some((outcome) => outcome.kind === kind);
  const brief = (target: TargetSummary): TargetSummary => {
    const failed = target.hosts.filter(isAny('failed'));
    const skipped = target.hosts.filter((host) => !isAny('failed')(host) && isAny('skipped')(host));
    return { ...target, hosts: [...failed, ...skipped].slice(0, maxHosts) };
  };
  return { ...summary, targets: summary.targets.map(brief) };
}

/** Why a run is worth an alarm, or undefined. */
export function failureOf({ exitCode, sweep, targets }: RunSummary): string | undefined {
  if (exitCode !== 1) return undefined;
  const problems = targets.flatMap(({ target, problems: of }) =>
    of.map((problem) => `${target}: ${problem}`),
  );
  return `sweep ${sweep} failed: ${problems.join('; ') || 'no host is ok on any path'}`.slice(0, 2_000);
}
