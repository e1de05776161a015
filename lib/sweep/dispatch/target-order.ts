import type { RunTimes } from '../../config/run-times.ts';
import type { SweepConfig, TargetConfig } from '../../config/schema.ts';
import type { RunLogins } from '../../logins/trial/run-logins.ts';
import type { Once } from '../../platform/once.ts';
import type { Timeline } from '../../platform/timeline.ts';
import type { NetboxRun } from '../listing/netbox-run.ts';
import type { RunLists } from '../listing/run-lists.ts';
import type { OwnHosts } from './own-batches.ts';

/** One run of a sweep over one target. */
export interface TargetOrder {
  readonly runId: string;
  readonly sweep: SweepConfig;
  readonly target: TargetConfig;
  /** Only this host is asked by ssh: its managed object id. Undefined: all. */
  readonly host?: string | undefined;
  /** Only these of its probes are run, by their names. Undefined: all. */
  readonly probes?: readonly string[] | undefined;
  /** Milliseconds since the epoch; undefined when it is asked for now. */
  readonly scheduledAt: number | undefined;
  readonly times: RunTimes;
  /** Of `times`: the deadlines of a run begin by it, not by the wall clock. */
  readonly timeline: Timeline;
  /** What all targets of the run have in common of their logins by ssh. */
  readonly logins: RunLogins;
  /** What is wrong with flights that other runs left; once these are counted. */
  readonly leftFlights: Once<readonly string[]>;
  /** What they have in common of their hosts. */
  readonly lists: RunLists;
  /** Undefined when no NetBox is configured. */
  readonly netbox?: Pick<NetboxRun, 'verdict'> | undefined;
  /** What the process of the run collects itself, over all targets; undefined where it collects everything. */
  readonly ownHosts?: OwnHosts | undefined;
  /** The hosts that a batch may have, as the run before found out. */
  readonly maxBatchHosts?: number;
}
