import { usageOf } from './sandbox-usage.ts';

/** What a client reports of one run, as one line of JSON. */
export interface Measured {
  readonly ms: number;
  /** CPU of the client alone, user and system. */
  readonly cpuMs: number;
  /** Peak memory of the client's process, in MB; absent of clients that nobody asks. */
  readonly rssMb?: number;
}

/** Runs the work once and measures it in this process. */
export async function measure(work: () => Promise<unknown>): Promise<Measured> {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const ms = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { ms, cpuMs: (user + system) / 1_000, rssMb: usageOf(process.pid).peakMb };
}

/** Median, least and greatest of some runs. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) throw new RangeError('no run to take a median of');
  const middle = (sorted.length - 1) / 2;
  const [low = min, high = max] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return { median: (low + high) / 2, min, max };
}

/** The value that a share of them, 0 to 1, does not exceed; by nearest rank, so it is one of them. */
export function percentileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('no value to take a percentile of');
  return value;
}
