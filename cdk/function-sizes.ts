import { Duration } from 'aws-cdk-lib';
import type { Config } from '../lib/config/schema.ts';

/** Memory, with which processor time grows (one core at 1,769 MB), and the time that one invocation may take. */
export interface FunctionSize {
  readonly memoryMb: number;
  readonly timeout: Duration;
}

/** Lambda's own limit. */
const MAX_SECONDS = 900;

/** A run ends with its interval; the longest one decides. */
const longestInterval = ({ sweeps }: Pick<Config, 'sweeps'>): Duration =>
  Duration.seconds(Math.min(MAX_SECONDS, Math.max(...sweeps.map(({ everyMs }) => everyMs / 1_000))));

/** Plans, merges and encodes. */
export const sweepSize = (config: Pick<Config, 'sweeps'>): FunctionSize => ({
  memoryMb: 1_024,
  timeout: longestInterval(config),
});

/** Its processor does the handshakes of a whole batch at once. The request names its end, within that of the run. */
export const collectBatchSize = (config: Pick<Config, 'sweeps'>): FunctionSize => ({
  memoryMb: 1_769,
  timeout: longestInterval(config),
});

/** Somebody waits for the answer, so its cold start counts. */
export const POLL_SIZE: FunctionSize = { memoryMb: 1_024, timeout: Duration.seconds(60) };
