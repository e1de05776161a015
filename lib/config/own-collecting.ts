import type { AwsConfig } from './aws.ts';
import type { ConfigIssue } from './errors.ts';

/** What a sweep function that collects targets itself can do with its memory: docs/scaling.md has the measurements. */

/** Below Lambda's 1,024 file descriptors, and few enough that a lost worker costs a small part of the fleet. */
export const MAX_BATCH_HOSTS = 250;
/** Of the sweep function, when `aws.functions.sweep.memoryMb` is left out. */
export const SWEEP_MEMORY_MB = 768;

/** What the run itself takes, and a batch of 250 hosts, with room for its heap to grow. */
const RUN_MB = 256;
const BATCH_MB = 128;
/** Lambda gives so much memory for one core, and less in proportion; one thread does the work. */
const CORE_MB = 1_769;
/** With a whole core these take half of the 42 s that hosts have in a minute; a test compares it with the calculation. */
const HOSTS_OF_A_CORE = 2_400;

/** How many batches a function of so much memory collects at once. */
export const batchesIn = (memoryMb: number): number =>
  Math.max(1, Math.floor((memoryMb - RUN_MB) / BATCH_MB));

/** `aws.inlineBelowHosts` when it is left out: what runs side by side, and is done in half of the time. */
export const inlineBelowHostsOf = (memoryMb: number): number =>
  Math.min(mostHosts(memoryMb), Math.floor(HOSTS_OF_A_CORE * Math.min(1, memoryMb / CORE_MB)));

const mostHosts = (memoryMb: number): number => batchesIn(memoryMb) * MAX_BATCH_HOSTS;

/** More hosts than there are places for are never collected by the sweep function, whatever is written. */
export function checkOwnCollecting({ inlineBelowHosts: below = 0, functions }: AwsConfig): ConfigIssue[] {
  const memoryMb = functions.sweep?.memoryMb ?? SWEEP_MEMORY_MB;
  const most = mostHosts(memoryMb);
  if (below <= most) return [];
  const needed = RUN_MB + BATCH_MB * Math.ceil(below / MAX_BATCH_HOSTS);
  const message =
    `is more than a sweep function of ${memoryMb} MB can collect at once; write ${most} or less, ` +
    `or aws: { functions: { sweep: { memoryMb: ${needed} } } }`;
  return [{ path: 'aws.inlineBelowHosts', message }];
}
