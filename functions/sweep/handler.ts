import type { Context } from 'aws-lambda';
import { RunFailedError } from '../../lib/sweep/errors.ts';
import { runSweep } from '../../lib/sweep/run-sweep.ts';
import { failureOf, parseScheduleEvent, toBriefSummary } from '../../lib/sweep/schedule-event.ts';
import type { RunSummary } from '../../lib/sweep/summary.ts';
import type { SweepTargetDeps } from '../../lib/sweep/target/sweep-target.ts';
import { createContainer } from './container.ts';

/** One run of a sweep. Throws when the exit code would be 1 or 2, so that Lambda counts it as failed. */
export function createHandler(deps: SweepTargetDeps) {
  return async (event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<RunSummary> => {
    const order = parseScheduleEvent(event, deps.config);
    const remainingMs = context.getRemainingTimeInMillis();
    const summary = await runSweep({ ...order, remainingMs }, deps, { signal: new AbortController().signal });
    const failure = failureOf(summary);
    if (failure !== undefined) throw new RunFailedError(failure);
    for (const { target, problems } of summary.targets) {
      for (const problem of problems) deps.log.warn(`sweep ${summary.sweep} on ${target}: ${problem}`);
    }
    return toBriefSummary(summary);
  };
}

export const handler = createHandler(createContainer(process.env));
