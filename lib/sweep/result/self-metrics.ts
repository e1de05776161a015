import type { MetricDefinition, Sample } from '../../metrics/family.ts';
import { MATCHED_BY } from '../../netbox/match-hosts.ts';
import type { LastRun } from '../../state/stores/runs.ts';
import { type FailedReason, type Outcome, PATHS, type Path, printOutcome } from '../outcome.ts';
import type { NetboxPlan } from '../plan/netbox-plan.ts';
import type { CollectorTotal, MergedKind } from './merge.ts';
import type { CredentialVerdict } from './summary.ts';

const OWN = ['sweep', 'vcenter'] as const;
const define = (name: string, help: string, labels: readonly string[] = []): MetricDefinition => ({
  name,
  help,
  labels: [...OWN, ...labels],
});

const LAST_RUN = define(
  'vsweep_sweep_last_run_timestamp_seconds',
  'Unix time at which this run of the sweep began',
);
const LAST_SUCCESS = define(
  'vsweep_sweep_last_success_timestamp_seconds',
  'Unix time at which the last run with exit code 0 or 3 began',
);
const INTERVAL = define('vsweep_sweep_interval_seconds', 'Configured interval of the sweep in seconds');
const DURATION = define('vsweep_sweep_duration_seconds', 'Duration of this run until the push, in seconds');
const TARGET_UP = define('vsweep_target_up', '1 if the hosts of the target were listed in this run, else 0');
const LIST_AGE = define('vsweep_host_list_age_seconds', 'Age of the host list used by this run, in seconds');
const HOSTS = define('vsweep_hosts', 'Number of hosts by path, outcome and reason; reason is empty for ok', [
  'path',
  'outcome',
  'reason',
]);
const OBJECTS = define(
  'vsweep_objects',
  'Objects of each kind by what became of them on a path; reason is empty when ok',
  ['kind', 'path', 'outcome', 'reason'],
);
const STATE_UP = define(
  'vsweep_state_up',
  '1 if every read and write of the state succeeded in this run, else 0',
);
const CREDENTIAL_OK = define(
  'vsweep_credential_ok',
  '1 if hosts accept the credential for ssh, 0 if it is suspended or its trial has not succeeded',
  ['credential'],
);
const BLACKLISTED = define(
  'vsweep_accounts_blacklisted',
  'Number of hosts without an ssh login in this run, because they refused the account before',
);
const NETBOX_UP = define(
  'vsweep_netbox_up',
  '1 if NetBox listed its active devices in this run or within netbox.cacheMinutes before it, else 0',
);
const NETBOX_AGE = define(
  'vsweep_netbox_age_seconds',
  'Age of the NetBox answer used by this run, in seconds',
);
const NETBOX_DEVICES = define(
  'vsweep_netbox_devices',
  'Number of devices in the NetBox answer used by this run',
);
const NETBOX_HOSTS = define(
  'vsweep_netbox_hosts',
  'Number of hosts by how their active NetBox device was found; match is none for hosts without one',
  ['match'],
);
const DUPLICATES = define(
  'vsweep_duplicate_samples',
  'Number of samples dropped because another object had the same labels',
);
const SESSIONS_LEFTOVER = define(
  'vsweep_sessions_leftover',
  'Number of sessions that earlier runs left open on the target, if the account may list sessions',
);
const LOGOUTS_FAILED = define(
  'vsweep_logouts_failed',
  'Number of worker sessions of this run whose logout failed; they end by their idle timeout',
);
const HOSTKEYS_PINNED = define(
  'vsweep_hostkeys_pinned',
  'Number of hosts whose ssh key was pinned at first contact since the last push',
);
const COLLECTOR_SUCCESS = define(
  'vsweep_collector_success',
  '1 if the collector failed on no host and at least one host answered, else 0',
  ['collector'],
);
const COLLECTOR_DURATION = define(
  'vsweep_collector_duration_seconds',
  'Time spent in the collector over all hosts, in seconds',
  ['collector'],
);
const OWN_SAMPLES = define('vsweep_own_samples', 'Number of samples of an own metric in this run', [
  'metric',
]);
const OWN_MISSING = define(
  'vsweep_own_missing',
  'Number of objects of which an own metric could not be read or made, and of series left out for metrics.series',
  ['metric'],
);
const SINK_UP = define('vsweep_sink_up', '1 if the sink took the series of the run before, else 0', ['sink']);
const SINK_DELIVERED = define(
  'vsweep_sink_last_delivery_timestamp_seconds',
  'When the sink last took the series of an earlier run, in seconds since the epoch',
  ['sink'],
);
const SINK_FILLED = define(
  'vsweep_sink_timed_samples',
  'Number of samples with times of their own that the sink took from the run before',
  ['sink'],
);
const SINK_DROPPED = define(
  'vsweep_sink_dropped_samples',
  'Number of samples of the run before that the sink never gets: old, ahead of the clock, or refused by it',
  ['sink', 'reason'],
);
const SSH_UP: MetricDefinition = {
  name: 'esxi_ssh_up',
  help: '1 if the ssh login and command succeeded, 0 if they failed; no sample for skipped hosts',
  labels: ['vcenter', 'site', 'hostsystem'],
};

/** What a run says of itself and of each host's ssh. */
export const SELF_METRICS: readonly MetricDefinition[] = [
  LAST_RUN,
  LAST_SUCCESS,
  INTERVAL,
  DURATION,
  TARGET_UP,
  STATE_UP,
  LIST_AGE,
  HOSTS,
  OBJECTS,
  CREDENTIAL_OK,
  BLACKLISTED,
  NETBOX_UP,
  NETBOX_AGE,
  NETBOX_DEVICES,
  NETBOX_HOSTS,
  DUPLICATES,
  SESSIONS_LEFTOVER,
  LOGOUTS_FAILED,
  HOSTKEYS_PINNED,
  COLLECTOR_SUCCESS,
  COLLECTOR_DURATION,
  OWN_SAMPLES,
  OWN_MISSING,
  SINK_UP,
  SINK_DELIVERED,
  SINK_FILLED,
  SINK_DROPPED,
  SSH_UP,
];

/** What the self-metrics of one target are made from. Times in milliseconds since the epoch. */
export interface RunFacts {
  readonly sweep: string;
  readonly vcenter: string;
  readonly startedAt: number;
  readonly now: number;
  readonly everyMs: number;
  readonly lastSuccessAt: number | undefined;
  /** How the sinks took the run before; undefined of the first run. */
  readonly sinks?: LastRun['sinks'] | undefined;
  readonly up: boolean;
  /** The state table did all that was asked of it, as far as the run has come. */
  readonly stateUp: boolean;
  /** What is known of the credential for ssh after this run; undefined when nothing is. */
  readonly credential: CredentialVerdict | undefined;
  /** Undefined when no NetBox is configured, or there is no list. */
  readonly netbox: NetboxPlan | undefined;
  /** Undefined when there is no list, which must not read as "0 hosts". */
  readonly listedAt: number | undefined;
  /** The paths that the sweep asks, each with the outcomes of all hosts. */
  readonly outcomes: { readonly [P in Path]?: readonly Outcome[] };
  /** Of the other kinds, each with the outcomes of all its objects on the path vcenter. */
  readonly kinds: readonly MergedKind[];
  readonly droppedDuplicates: number;
  /** Undefined when the account may not see sessions. */
  readonly leftoverSessions: number | undefined;
  readonly failedLogouts: number;
  /** Undefined when the sweep does not ssh. */
  readonly hostKeysPinned: number | undefined;
  readonly collectors: readonly CollectorTotal[];
  readonly own: readonly OwnTotal[];
}

/** How one metric of the configuration did. */
export interface OwnTotal {
  readonly metric: string;
  readonly samples: number;
  readonly missing: number;
}

export function toSelfSamples(facts: RunFacts): Sample[] {
  const own = [facts.sweep, facts.vcenter];
  const one = ({ name }: MetricDefinition, value: number, ...labels: string[]): Sample => ({
    metric: name,
    labels: [...own, ...labels],
    value,
  });
  return [
    one(LAST_RUN, facts.startedAt / 1_000),
    ...(facts.lastSuccessAt === undefined ? [] : [one(LAST_SUCCESS, facts.lastSuccessAt / 1_000)]),
    ...Object.entries(facts.sinks ?? {}).flatMap(([sink, { ok, deliveredAt, filled }]) => [
      one(SINK_UP, ok ? 1 : 0, sink),
      ...(deliveredAt === undefined ? [] : [one(SINK_DELIVERED, deliveredAt / 1_000, sink)]),
      ...(filled === undefined
        ? []
        : [
            one(SINK_FILLED, filled.sent, sink),
            ...Object.entries(filled.dropped).map(([reason, count]) =>
              one(SINK_DROPPED, count, sink, reason),
            ),
          ]),
    ]),
    one(INTERVAL, facts.everyMs / 1_000),
    one(DURATION, Math.max(0, facts.now - facts.startedAt) / 1_000),
    one(TARGET_UP, facts.up ? 1 : 0),
    one(STATE_UP, facts.stateUp ? 1 : 0),
    ...(facts.credential === undefined
      ? []
      : [one(CREDENTIAL_OK, facts.credential.ok ? 1 : 0, facts.credential.id)]),
    ...netboxSamples(facts, one),
    one(DUPLICATES, facts.droppedDuplicates),
    ...(facts.leftoverSessions === undefined ? [] : [one(SESSIONS_LEFTOVER, facts.leftoverSessions)]),
    one(LOGOUTS_FAILED, facts.failedLogouts),
    ...(facts.hostKeysPinned === undefined ? [] : [one(HOSTKEYS_PINNED, facts.hostKeysPinned)]),
    ...(facts.listedAt === undefined
      ? []
      : [one(LIST_AGE, Math.max(0, facts.now - facts.listedAt) / 1_000), ...hostSamples(facts, one)]),
    ...facts.collectors.flatMap(({ collector, success, durationMs }) => [
      ...(success === undefined ? [] : [one(COLLECTOR_SUCCESS, success ? 1 : 0, collector)]),
      one(COLLECTOR_DURATION, durationMs / 1_000, collector),
    ]),
    ...facts.own.flatMap(({ metric, samples, missing }) => [
      one(OWN_SAMPLES, samples, metric),
      one(OWN_MISSING, missing, metric),
    ]),
  ];
}

function netboxSamples(
  { netbox, now }: RunFacts,
  one: (definition: MetricDefinition, value: number, ...labels: string[]) => Sample,
): Sample[] {
  if (netbox === undefined) return [];
  const { verdict, matches, unmatched } = netbox;
  const { known } = verdict;
  const up = one(NETBOX_UP, verdict.up ? 1 : 0);
  if (known === undefined || matches === undefined) return [up];
  const by = Map.groupBy(matches.values(), (match) => match.by);
  return [
    up,
    one(NETBOX_AGE, Math.max(0, now - known.readAt) / 1_000),
    one(NETBOX_DEVICES, known.devices.length),
    ...MATCHED_BY.map((how) => one(NETBOX_HOSTS, by.get(how)?.length ?? 0, how)),
    one(NETBOX_HOSTS, unmatched.length, 'none'),
  ];
}

/** `ok` is there for every kind and path, the rest only where it happened. */
function hostSamples(
  { outcomes, kinds }: RunFacts,
  one: (definition: MetricDefinition, value: number, ...labels: string[]) => Sample,
): Sample[] {
  const blacklisted = outcomes.ssh?.filter((one) => one.kind === 'skipped' && one.reason === 'blacklist');
  const byPath = PATHS.flatMap((path) => {
    const ofPath = outcomes[path];
    return ofPath === undefined ? [] : [{ kind: 'host' as const, path, counts: countReasons(ofPath) }];
  });
  const others = kinds.map(({ kind, outcomes: ofKind }) => ({
    kind,
    path: 'vcenter' as const,
    counts: countReasons(ofKind),
  }));
  return [
    ...byPath.flatMap(({ path, counts }) =>
      counts.map(({ labels, count }) => one(HOSTS, count, path, ...labels)),
    ),
    ...[...byPath, ...others].flatMap(({ kind, path, counts }) =>
      counts.map(({ labels, count }) => one(OBJECTS, count, kind, path, ...labels)),
    ),
    ...(blacklisted === undefined ? [] : [one(BLACKLISTED, blacklisted.length)]),
  ];
}

function countReasons(outcomes: readonly Outcome[]): { labels: [string, string]; count: number }[] {
  const counts = new Map<string, { labels: [string, string]; count: number }>([
    ['ok', { labels: ['ok', ''], count: 0 }],
  ]);
  for (const outcome of outcomes) {
    const printed = printOutcome(outcome);
    const known = counts.get(printed) ?? {
      labels: [outcome.kind, outcome.kind === 'ok' ? '' : outcome.reason] as [string, string],
      count: 0,
    };
    known.count += 1;
    counts.set(printed, known);
  }
  return [...counts.values()];
}

/** Failures of vsweep itself, which say nothing about the host. */
const OWN_FAILURES: readonly FailedReason[] = [
  'worker',
  'deadline',
  'session',
  'target',
  'unreadable',
  'result-too-large',
];

/** The host's `esxi_ssh_up`, or none when nobody can tell. */
export function toSshUpSample(
  host: { vcenter: string; site: string; hostsystem: string },
  outcome: Outcome | undefined,
): Sample | undefined {
  if (outcome === undefined || outcome.kind === 'skipped') return undefined;
  if (outcome.kind === 'failed' && OWN_FAILURES.includes(outcome.reason)) return undefined;
  return {
    metric: SSH_UP.name,
    labels: [host.vcenter, host.site, host.hostsystem],
    value: outcome.kind === 'ok' ? 1 : 0,
  };
}
