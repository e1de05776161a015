import type { SweepConfig, TargetConfig } from '../../config/schema.ts';
import type { NetboxRun } from '../plan/netbox-run.ts';
import type { RunTimes } from './run-times.ts';

/** One run of a sweep over one target. */
export interface TargetOrder {
  readonly runId: string;
  readonly sweep: SweepConfig;
  readonly target: TargetConfig;
  /** Milliseconds since the epoch; undefined when it is asked for now. */
  readonly scheduledAt: number | undefined;
  readonly times: RunTimes;
  /** The addresses that this run asks by ssh, over all its targets; a target adds its own. */
  readonly asked: Set<string>;
  /** Undefined when no NetBox is configured. */
  readonly netbox?: Pick<NetboxRun, 'verdict'> | undefined;
  /** The hosts that a batch may have, as the run before found out. */
  readonly maxBatchHosts?: number;
}
