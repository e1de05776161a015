import { green, type Verdict, yellow } from '../verdict.ts';

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
  const limited = judgeReserved({ sweeps, workers, reserved });
  if (limited !== undefined) return limited;
  if (forSweeps < sweeps)
    return yellow(
      `${has}, and ${sweeps} schedules begin together with ${forSweeps} for them: events that wait for a minute are dropped. ${ASK}`,
    );
  if (forWorkers < Math.min(workers, 1))
    return yellow(
      `${has}, and none of them is left for a worker: the sweep function collects all by itself. ${ASK}`,
    );
  if (forWorkers < workers)
    return yellow(
      `${has}, so at most ${forWorkers} of ${workers} workers (aws.maxConcurrentBatches) run at once. Runs stay complete, because workers wait for each other; if they are too slow: ${ASK}`,
    );
  return green(`${has}, enough for ${sweeps} schedules and ${workers} workers`);
}

/** What the configuration limits by itself, the account need not give. */
function judgeReserved({ sweeps, workers, reserved }: Wanted): Verdict | undefined {
  if (reserved.sweep !== undefined && reserved.sweep < sweeps)
    return yellow(
      `aws.functions.sweep.reservedConcurrency is ${reserved.sweep}, and ${sweeps} schedules begin together: events that wait for a minute are dropped. Raise it, or leave it out`,
    );
  if (reserved.worker !== undefined && reserved.worker < workers)
    return yellow(
      `aws.functions.collect-batch.reservedConcurrency is ${reserved.worker}, so at most that many of ${workers} workers (aws.maxConcurrentBatches) run at once`,
    );
  return undefined;
}
