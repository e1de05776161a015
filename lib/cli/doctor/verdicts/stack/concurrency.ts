import { green, red, type Verdict, yellow } from '../verdict.ts';

interface Limits {
  readonly ConcurrentExecutions?: number | undefined;
  readonly UnreservedConcurrentExecutions?: number | undefined;
}

interface Wanted {
  /** Schedules, which may all begin in one minute. */
  readonly sweeps: number;
  /** Workers of one run at once, at most. */
  readonly workers: number;
  /** What the functions have reserved for themselves, of the sweep function and of the worker. */
  readonly reserved: { readonly sweep: number | undefined; readonly worker: number | undefined };
}

const ASK = 'Ask Service Quotas for more concurrent executions of AWS Lambda';

/** What the account leaves to functions that reserve nothing is shared with all its other functions. */
export function judgeConcurrency(limits: Limits | undefined, { sweeps, workers, reserved }: Wanted): Verdict {
  const left = limits?.UnreservedConcurrentExecutions;
  if (left === undefined) return yellow('not checked: AWS does not say what the account may run at once');
  const forSweeps = reserved.sweep ?? left;
  const forWorkers = reserved.worker ?? left - (reserved.sweep === undefined ? Math.min(sweeps, left) : 0);
  const has = `the account has ${left} unreserved executions at once`;
  if (forSweeps < sweeps)
    return red(
      `${has}, and ${sweeps} schedules begin together with ${forSweeps} for them: events that wait for a minute are dropped. ${ASK}`,
    );
  if (forWorkers < Math.min(workers, 1)) return red(`${has}, and none of them is left for a worker. ${ASK}`);
  if (forWorkers < workers)
    return yellow(
      `${has}, so at most ${forWorkers} of ${workers} workers (aws.maxConcurrentBatches) run at once. Runs stay complete, because workers wait for each other; if they are too slow: ${ASK}`,
    );
  return green(`${has}, enough for ${sweeps} schedules and ${workers} workers`);
}
