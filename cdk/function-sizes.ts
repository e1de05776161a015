import { Duration } from 'aws-cdk-lib';
import { SWEEP_MEMORY_MB } from '../lib/config/own-collecting.ts';
import type { Config, SweepConfig } from '../lib/config/schema.ts';
import type { FunctionName } from './bundle.ts';

/** Memory, with which processor time grows (one core at 1,769 MB), and the time that one invocation may take. */
export interface FunctionSize {
  readonly memoryMb: number;
  readonly timeout: Duration;
  readonly reservedConcurrency: number | undefined;
}

/**
 * What a worker's processor does costs the same at any size, because time and share of a core go up and down
 * together; its waiting for hosts costs by its memory. So it gets little more than twice what it uses, and the sweep
 * function, whose work for 10,000 hosts must end within the minute, more (docs/scaling.md).
 */
const MEMORY_MB: Readonly<Record<FunctionName, number>> = {
  sweep: SWEEP_MEMORY_MB,
  'collect-batch': 512,
  poll: 1_024,
};

/** Lambda's own limit. */
const MAX_MS = 900_000;
const POLL_MS = 60_000;

/** What the configuration says of a function, else what it needs: a run ends with its interval, the longest decides. */
export function sizeOf(
  name: FunctionName,
  { sweeps, aws }: Pick<Config, 'aws'> & { readonly sweeps: readonly Pick<SweepConfig, 'everyMs'>[] },
): FunctionSize {
  const { memoryMb, timeout, reservedConcurrency } = aws?.functions[name] ?? {};
  const longestMs = Math.min(MAX_MS, Math.max(...sweeps.map(({ everyMs }) => everyMs)));
  return {
    memoryMb: memoryMb ?? MEMORY_MB[name],
    timeout: Duration.millis(timeout ?? (name === 'poll' ? POLL_MS : longestMs)),
    reservedConcurrency,
  };
}
