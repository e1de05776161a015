import type { FilledSamples } from '../fill/delivered-parts.ts';
import type { Outcome, Path, PathCounts } from '../outcome.ts';

/** Whether hosts accept a credential, by its id. */
export interface CredentialVerdict {
  readonly id: string;
  readonly ok: boolean;
}

export const DELIVERY_OUTCOMES = ['delivered', 'failed', 'lease-lost'] as const;

/** What one sink made of a target's series. `lease-lost`: another run took the lease, so its result stands. */
export interface Delivery {
  /** Such as `pushgateway`, `exporter` or, of a dry run, `stdout`. */
  readonly sink: string;
  readonly outcome: (typeof DELIVERY_OUTCOMES)[number];
  /** Of a sweep that wants all samples, and a sink that takes times. */
  readonly filled?: FilledSamples;
}

/** Whether somebody took the result. */
export const isDelivered = ({ deliveries }: Pick<TargetSummary, 'deliveries'>): boolean =>
  deliveries.some(({ outcome }) => outcome === 'delivered');

/** What became of one target in one run; `vsweep sweep --json` prints it. */
export interface TargetSummary {
  readonly target: string;
  /**
   * `swept`: the run went over it. `lease`: another run of the sweep is under way there. `duplicate`: a run that was
   * scheduled then, or later, went over it before. `unlisted`: there is no host list, not even an old one. `stopped`: a
   * signal ended it before its result was pushed.
   */
  readonly status: 'swept' | 'lease' | 'duplicate' | 'unlisted' | 'stopped';
  /** Where the hosts came from. */
  readonly listing: 'fresh' | 'last' | 'none';
  /** Why the target could not be listed, or anything else that cost the whole target something. */
  readonly problems: readonly string[];
  readonly paths: { readonly [P in Path]?: PathSummary };
  /** Of other kinds than hosts, what became of their objects on the path vcenter; absent where there are none. */
  readonly kinds?: Readonly<Record<string, PathSummary>>;
  readonly hosts: readonly HostSummary[];
  /** Whether hosts accept the credential for ssh; absent when the sweep does not ssh, or nothing is known. */
  readonly credential?: CredentialVerdict | undefined;
  /** Host keys that were pinned at first contact; absent when the sweep does not ssh. */
  readonly hostKeysPinned?: number | undefined;
  readonly warnings: readonly { readonly text: string; readonly count: number }[];
  readonly samples: number;
  readonly droppedDuplicates: number;
  /** One a sink; none where there is no sink, or the run had nothing to deliver. */
  readonly deliveries: readonly Delivery[];
  readonly durationMs: number;
}

/** Conservation: hosts = ok + failed + skipped; `reasons` counts by printed outcome, such as `failed(auth)`. */
export interface PathSummary extends PathCounts {
  readonly reasons: Readonly<Record<string, number>>;
}

export interface HostSummary {
  readonly moref: string;
  readonly name: string;
  readonly outcomes: { readonly [P in Path]?: Outcome };
  /** What the operator reads when it is not ok. */
  readonly details: readonly string[];
}

export const RUN_EXIT_CODES = [0, 1, 3, 4] as const;
export type RunExitCode = (typeof RUN_EXIT_CODES)[number];

export interface RunSummary {
  readonly runId: string;
  readonly sweep: string;
  /** Milliseconds since the epoch. */
  readonly scheduledAt: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly exitCode: RunExitCode;
  readonly targets: readonly TargetSummary[];
}

/** A target over which this run did not go. */
export function notSwept(
  target: string,
  status: Exclude<TargetSummary['status'], 'swept'>,
  problems: readonly string[],
): TargetSummary {
  return {
    target,
    status,
    listing: 'none',
    problems,
    paths: {},
    hosts: [],
    warnings: [],
    samples: 0,
    droppedDuplicates: 0,
    deliveries: [],
    durationMs: 0,
  };
}

/** Whether a host was not asked to protect its account, or the secret. */
const isHeldBack = (outcome: Outcome) =>
  outcome.kind === 'skipped' &&
  ['blacklist', 'suspended', 'allowance', 'state', 'other-process', 'hostkey-unknown'].includes(
    outcome.reason,
  );

/**
 * 1: nothing came of it: no target has a host list, or a signal stopped it, or objects failed and none is ok on any path, or sinks are
 * configured and none took a result. 3: something is missing: an object failed or a host was not asked to protect its account,
 * a target could not be listed, or one of several sinks failed. 4: another run held the lease of each target. 0: all is well.
 */
export function exitCodeOf(targets: readonly TargetSummary[]): RunExitCode {
  const ran = targets.filter(({ status }) => status !== 'lease' && status !== 'duplicate');
  if (ran.length === 0) return targets.some(({ status }) => status === 'lease') ? 4 : 0;
  if (ran.every(({ listing }) => listing === 'none')) return 1;
  const outcomes = ran.flatMap(({ hosts }) => hosts.flatMap(({ outcomes }) => Object.values(outcomes)));
  const others = ran.flatMap(({ kinds = {} }) => Object.values(kinds));
  const anyOk = outcomes.some(({ kind }) => kind === 'ok') || others.some(({ ok }) => ok > 0);
  const anyFailed = outcomes.some(({ kind }) => kind === 'failed') || others.some(({ failed }) => failed > 0);
  if (anyFailed && !anyOk) return 1;
  const outcomesOfSinks = ran.flatMap(({ deliveries }) => deliveries.map(({ outcome }) => outcome));
  if (outcomesOfSinks.length > 0 && outcomesOfSinks.every((outcome) => outcome === 'failed')) return 1;
  const isPartial =
    anyFailed ||
    outcomes.some(isHeldBack) ||
    outcomesOfSinks.includes('failed') ||
    ran.some(({ listing }) => listing !== 'fresh');
  return isPartial ? 3 : 0;
}

/**
 * The targets of a run during which a signal stopped the process: what no sink took before says that alone, and not
 * what the end cost each host.
 */
export const asStopped = (targets: readonly TargetSummary[]): TargetSummary[] =>
  targets.map((target) => (isDelivered(target) ? target : notSwept(target.target, 'stopped', [])));
