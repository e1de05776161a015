import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { LastRun, RunStore, UntoldPins } from '../../state/stores/runs.ts';
import type { TargetOrder } from '../dispatch/target-order.ts';
import { MAX_BATCH_HOSTS, nextBatchSize } from '../plan/batch-size.ts';
import { printOutcomes } from '../result/outcome-changes.ts';
import { nextSinks } from '../result/sink-history.ts';
import { exitCodeOf, type TargetSummary } from '../result/summary.ts';

export interface RememberRunDeps {
  readonly clock: { now(): number };
  readonly log: Log;
  readonly runs: Pick<RunStore, 'writeLast'>;
  /** Nobody gets what the run finds: it is not remembered as the last one. */
  readonly dryRun?: boolean;
}

/** Kept for the next run; a failure costs the memory of this one, not its result. */
export async function rememberRun(
  { sweep, target, scheduledAt, times, maxBatchHosts = MAX_BATCH_HOSTS }: TargetOrder,
  {
    summary,
    last,
    tooLarge,
    untoldPins,
  }: {
    summary: TargetSummary;
    last: LastRun | undefined;
    tooLarge: boolean;
    untoldPins: UntoldPins | undefined;
  },
  deps: RememberRunDeps,
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
    ...(untoldPins === undefined ? {} : { untoldPins }),
    ...(summary.listing === 'none' ? {} : { objects: objectsOf(summary) }),
    sinks: nextSinks(summary.deliveries, last?.sinks, deps.clock.now()),
    maxBatchHosts: nextBatchSize(maxBatchHosts, { tooLarge, hosts: summary.hosts.length }),
    outcomes: Object.fromEntries(summary.hosts.map((host) => [host.moref, printOutcomes(host)])),
  };
  const kept = deps.dryRun ? afterDryRun(record, last) : record;
  await deps.runs.writeLast(sweep.name, target.name, kept, options).catch((error: unknown) => {
    deps.log.warn('the result of the run could not be recorded', {
      target: target.name,
      error: messageOf(error),
    });
  });
}

/** For who asks how many series a metric would have. */
const objectsOf = ({ hosts, kinds = {} }: TargetSummary): Record<string, number> => ({
  host: hosts.length,
  ...Object.fromEntries(Object.entries(kinds).map(([kind, counts]) => [kind, counts.hosts])),
});

/** Only of the keys that it pinned it has to be known that nobody was told. */
function afterDryRun(
  { untoldPins, lastSuccessAt: _none, sinks: _stdout, ...dry }: LastRun,
  last: LastRun | undefined,
): LastRun {
  const { untoldPins: _before, ...before } =
    last === undefined || last.isDry ? ({ ...dry, isDry: true } as const) : last;
  return untoldPins === undefined ? before : { ...before, untoldPins };
}
