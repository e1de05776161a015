import '../../lib/platform/interpreted-schemas.ts';
import type { Context } from 'aws-lambda';
import { stackOf } from '../../lib/config/deployed-names.ts';
import { startDeadline } from '../../lib/platform/deadline.ts';
import { LATE_EVENT, type RunMetric, toRunMetrics } from '../../lib/sweep/result/run-metrics.ts';
import type { RunSummary } from '../../lib/sweep/result/summary.ts';
import { toRunFailure } from '../../lib/sweep/run/failed-run.ts';
import { runSweep } from '../../lib/sweep/run/run-sweep.ts';
import {
  isLate,
  parseScheduleEvent,
  refuseAhead,
  toBriefSummary,
} from '../../lib/sweep/run/schedule-event.ts';
import {
  type ListedHostKeys,
  listHostKeys,
  parseHostKeysEvent,
} from '../../lib/sweep/scan/list-host-keys.ts';
import { inInvocation } from '../in-invocation.ts';
import { toRunLine } from '../run-line.ts';
import { createContainer, type SweepContainer } from './container.ts';
import { publishMetrics } from './publish-metrics.ts';

/** What is left to Lambda's own end, for the answer. */
const MARGIN_MS = 1_000;

/** What is answered for an event that came later than its interval. */
interface DroppedEvent {
  readonly sweep: string;
  readonly dropped: 'late';
}

interface HandlerDeps extends SweepContainer {
  publishMetrics: typeof publishMetrics;
}

/** One run of a sweep, or a list of the host keys that are not known. Throws when the exit code would be 1 or 2, so that Lambda counts it as failed. */
export function createHandler(deps: HandlerDeps) {
  return async (
    event: unknown,
    context: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<RunSummary | DroppedEvent | ListedHostKeys> => {
    const keysOf = parseHostKeysEvent(event, deps.config);
    if (keysOf !== undefined) {
      const remainingMs = context.getRemainingTimeInMillis();
      return await listHostKeys({ ...keysOf, remainingMs }, deps, { signal: new AbortController().signal });
    }
    const order = parseScheduleEvent(event, deps.config);
    const { name } = order.sweep;
    const publish = (values: readonly RunMetric[]) =>
      deps.publishMetrics(values, {
        stack: stackOf(deps.config),
        sweep: name,
        timestamp: deps.clock.now(),
      });
    refuseAhead(order, deps.clock.now());
    if (isLate(order, deps.clock.now())) {
      deps.log.warn(`sweep ${name}: an event came later than its interval and is dropped`);
      publish(LATE_EVENT);
      return { sweep: name, dropped: 'late' };
    }
    const remainingMs = context.getRemainingTimeInMillis();
    const ms = Math.max(1, remainingMs - MARGIN_MS);
    using deadline = startDeadline({ clock: deps.clock, ms, what: 'the invocation of the sweep' });
    const summary = await runSweep({ ...order, remainingMs }, deps, { signal: new AbortController().signal });
    // A frozen sandbox would leave open what they are about to write.
    await deps.ownBatches.settled(deadline);
    publish(toRunMetrics(summary));
    deps.log.info(`sweep ${name}`, toRunLine(summary));
    const failure = toRunFailure(summary);
    if (failure !== undefined) throw failure;
    for (const { target, problems } of summary.targets) {
      for (const problem of problems)
        deps.log.warn(`sweep ${name} on ${target}: ${problem}`, { runId: summary.runId });
    }
    return toBriefSummary(summary);
  };
}

export const handler = inInvocation(() => createHandler({ ...createContainer(process.env), publishMetrics }));
