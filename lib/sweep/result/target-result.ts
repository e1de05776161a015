import { definitionOf } from '../../catalogue/row.ts';
import type { Collector } from '../../collectors/collector.ts';
import { LEGACY_METRICS, toLegacySamples, toOnlineInNetbox } from '../../collectors/legacy-names.ts';
import { type Presets, pushedRows } from '../../collectors/pushed-rows.ts';
import type { TargetConfig } from '../../config/schema.ts';
import { distinctFamilies } from '../../metrics/distinct-families.ts';
import type { Family } from '../../metrics/family.ts';
import { groupIntoFamilies } from '../../metrics/group-into-families.ts';
import { compareMorefs } from '../../metrics/moref-order.ts';
import { ofMetrics, type SourcedSample, toLists } from '../../metrics/sourced-samples.ts';
import type { LastRun } from '../../state/stores/runs.ts';
import type { ListedTarget } from '../listing/list-target.ts';
import { countOutcomes, failed, type Outcome, ok, PATHS, type Path, printOutcome } from '../outcome.ts';
import type { NetboxPlan } from '../plan/netbox-plan.ts';
import type { Merged, MergedKind } from './merge.ts';
import { ownNames } from './own-metrics.ts';
import { type OwnTotal, SELF_METRICS, toSelfSamples, toSshUpSample } from './self-metrics.ts';
import {
  type CredentialVerdict,
  exitCodeOf,
  type HostSummary,
  type PathSummary,
  type TargetSummary,
} from './summary.ts';

/** What a run found out about a target, before any of it is counted or pushed. */
export interface CollectedTarget {
  readonly listed: Pick<ListedTarget, 'source' | 'list' | 'others' | 'leftoverSessions'>;
  readonly merged: Merged;
  readonly collectors: readonly Collector[];
  readonly overSsh: boolean;
  /** `false`: nobody logs in to the target, so its hosts have no path vcenter. Default true. */
  readonly hasVcenter?: boolean;
  readonly problems: readonly string[];
  /** Undefined when no NetBox is configured, or nobody knows the hosts. */
  readonly netbox?: NetboxPlan | undefined;
  /** Of earlier runs: batches in flight, and the last end of a worker whose mark stands at a host (epoch ms). */
  readonly lostBefore?: { readonly flights: number; readonly markedUntil: number };
  /** Workers of this run were lost, and tell nothing of the keys that they pinned. */
  readonly isLossy?: boolean;
  /** Undefined when the sweep does not ssh, or nothing is known of the credential. */
  readonly credential?: CredentialVerdict | undefined;
}

/** The summary and the families of one target, as they stand just before the push. Pure. */
export function toTargetResult(
  run: {
    sweep: string;
    target: Pick<TargetConfig, 'name'>;
    everyMs: number;
    startedAt: number;
    lastSuccessAt: number | undefined;
    /** How the sinks took the run before. */
    sinks?: LastRun['sinks'] | undefined;
    /** Adds the names of the first esxi-exporter. */
    legacyNames: boolean;
    /** vmware_exporter's names alone by default. */
    presets?: Presets;
    /** The state table did all that was asked of it before the push. */
    stateUp: boolean;
    /** It asks one host alone, by its managed object id. */
    host?: string | undefined;
    /** Host keys that earlier runs pinned and did not tell. */
    untoldPins?: number;
  },
  collected: CollectedTarget,
  now: number,
): { summary: TargetSummary; families: Family[] } {
  const { listed, merged, collectors, overSsh, hasVcenter = true } = collected;
  const vcenter = run.target.name;
  const hosts = summariseHosts(collected);
  // A target of which nobody knows the hosts has no counts: "0 hosts" would be a lie.
  const paths = PATHS.filter(
    (path) => listed.list !== undefined && (path === 'vcenter' ? hasVcenter : overSsh),
  );
  const outcomesOf = (path: Path) => hosts.flatMap(({ outcomes }) => outcomes[path] ?? []);
  const kinds = withUnreadable(collected);
  const sshUp = merged.hosts.flatMap(({ host, outcomes }) => {
    const sample = toSshUpSample({ vcenter, site: host.site, hostsystem: host.name }, outcomes.ssh);
    return sample === undefined ? [] : [{ moref: host.moref, sample }];
  });
  const found = [...merged.samples.byMetric, ...toLists(sshUp)];
  const definitions = [
    ...pushedRows(collectors, run.presets).map((row) => definitionOf(row, run.presets)),
    ...SELF_METRICS,
  ];
  const legacy = run.legacyNames
    ? [
        ...toLegacySamples(
          ofMetrics([...found, ...toLists(blacklistedAsDown(merged, vcenter))]),
          definitions,
        ),
        ...onlineInNetbox(collected, vcenter),
      ]
    : [];
  const all = ofMetrics([...found, ...toLists(legacy)]);
  const { families, samples, dropped } = distinctFamilies([...definitions, ...LEGACY_METRICS], all);
  const summary: TargetSummary = {
    target: vcenter,
    status: listed.list === undefined ? 'unlisted' : 'swept',
    listing: listed.source,
    problems: collected.problems,
    paths: Object.fromEntries(paths.map((path) => [path, summarisePath(outcomesOf(path))])),
    ...(kinds.length === 0
      ? {}
      : { kinds: Object.fromEntries(kinds.map((one) => [one.kind, summarisePath(one.outcomes)])) }),
    hosts,
    ...(collected.credential === undefined ? {} : { credential: collected.credential }),
    ...(overSsh ? { hostKeysPinned: merged.pinned + (run.untoldPins ?? 0) } : {}),
    warnings: [
      ...merged.warnings,
      ...(run.host === undefined ? warnOfSshOff(outcomesOf('ssh')) : []),
      ...warnOfUnmatched(collected.netbox),
    ],
    samples,
    droppedDuplicates: dropped,
    deliveries: [],
    durationMs: Math.max(0, now - run.startedAt),
  };
  const self = toSelfSamples({
    sweep: run.sweep,
    vcenter,
    startedAt: run.startedAt,
    now,
    everyMs: run.everyMs,
    sinks: run.sinks,
    lastSuccessAt: exitCodeOf([summary]) === 1 ? run.lastSuccessAt : run.startedAt,
    up: listed.source === 'fresh',
    stateUp: run.stateUp && !outcomesOf('ssh').some(isHeldBackByState),
    credential: collected.credential,
    netbox: collected.netbox,
    listedAt: listed.list?.listedAt,
    outcomes: Object.fromEntries(paths.map((path) => [path, outcomesOf(path)])),
    kinds,
    droppedDuplicates: dropped,
    leftoverSessions: listed.leftoverSessions,
    failedLogouts: merged.failedLogouts,
    hostKeysPinned: summary.hostKeysPinned,
    collectors: merged.collectors,
    own: ownTotals(collected, families),
  });
  return { summary, families: [...families, ...groupIntoFamilies(SELF_METRICS, self)] };
}

/** Every own metric of the sweep, also one without a sample: an alert tells by that. */
function ownTotals({ collectors, merged }: CollectedTarget, families: readonly Family[]): OwnTotal[] {
  const samples = new Map(families.map(({ definition, samples: { length } }) => [definition.name, length]));
  return ownNames(collectors.flatMap(({ rows }) => rows)).map((metric) => ({
    metric,
    samples: samples.get(metric) ?? 0,
    missing: merged.missed.get(metric) ?? 0,
  }));
}

/**
 * Each kind that was listed: its objects that were read, or of which the list said all that is needed, and those whose name
 * nobody knows.
 */
function withUnreadable({ listed, merged }: CollectedTarget): MergedKind[] {
  return Array.from(listed.others ?? [], ([kind, { items, unreadable }]) => {
    const read = merged.kinds.find((one) => one.kind === kind);
    return {
      kind,
      outcomes: [...(read?.outcomes ?? items.map(() => ok)), ...unreadable.map(() => failed('unreadable'))],
    };
  });
}

/** Of hosts that are left alone `esxi_ssh_up` says nothing, and the old `esxi_online_state` 0. */
function blacklistedAsDown({ hosts }: Merged, vcenter: string): SourcedSample[] {
  return hosts.flatMap(({ host: { moref, name: hostsystem, site }, outcomes: { ssh } }) => {
    if (ssh?.kind !== 'skipped' || ssh.reason !== 'blacklist') return [];
    const sample = toSshUpSample({ vcenter, site, hostsystem }, failed('auth'));
    return sample === undefined ? [] : [{ moref, sample }];
  });
}

/** Nothing while NetBox is not asked, or nothing is known of its devices. */
function onlineInNetbox({ merged, netbox }: CollectedTarget, vcenter: string): SourcedSample[] {
  const { matches } = netbox ?? {};
  if (matches === undefined) return [];
  return merged.hosts.map(({ host: { moref, name } }) => ({
    moref,
    sample: toOnlineInNetbox(vcenter, name, matches.has(moref)),
  }));
}

/** A worker that could not write what became of a login tries no further one. */
const isHeldBackByState = (outcome: Outcome) => outcome.kind === 'skipped' && outcome.reason === 'state';

/** Every host of the list once: those of the batches, and those whose name nobody knows. */
function summariseHosts({ listed, merged, overSsh, netbox }: CollectedTarget): HostSummary[] {
  const nameless = listed.list?.unreadable ?? [];
  const unreadable = { vcenter: failed('unreadable'), ...(overSsh ? { ssh: failed('unreadable') } : {}) };
  return [
    ...merged.hosts
      .toSorted((one, other) => compareMorefs(one.host.moref, other.host.moref))
      .map(({ host, outcomes, details }) => ({
        moref: host.moref,
        name: host.name,
        outcomes,
        details: isOfNetbox(outcomes.ssh) ? [...details, whyOf(netbox)] : details,
      })),
    ...nameless.map((moref) => ({ moref, name: moref, outcomes: unreadable, details: [NAMELESS] })),
  ];
}

const isOfNetbox = (outcome: Outcome | undefined) =>
  outcome?.kind === 'skipped' && outcome.reason === 'netbox';

const whyOf = (netbox: NetboxPlan | undefined) =>
  netbox?.verdict.asks === 'none'
    ? 'ssh: NetBox is down, and netbox.whenDown is collect-none'
    : 'ssh: NetBox has no device with its name or address among those that netbox.filter selects';

const isSshOff = (outcome: Outcome) => outcome.kind === 'skipped' && outcome.reason === 'ssh-disabled';

/** ESXi's default is off, so one line says it for all. */
function warnOfSshOff(outcomes: readonly Outcome[]): { text: string; count: number }[] {
  const off = outcomes.filter(isSshOff);
  if (off.length === 0) return [];
  const remedy = off.length === outcomes.length ? ': start TSM-SSH, or leave out ssh-services' : '';
  return [{ text: `ssh is off on ${off.length} of ${outcomes.length} hosts${remedy}`, count: 1 }];
}

/** Names in the warning; --json has the others, as hosts that are skipped(netbox). */
const MAX_NAMED = 20;

function warnOfUnmatched(netbox: NetboxPlan | undefined): { text: string; count: number }[] {
  const { unmatched = [] } = netbox ?? {};
  if (unmatched.length === 0) return [];
  const rest = unmatched.length > MAX_NAMED ? ` and ${unmatched.length - MAX_NAMED} more` : '';
  const names = unmatched.slice(0, MAX_NAMED).join(', ');
  return [{ text: `NetBox has no active device for ${names}${rest}`, count: unmatched.length }];
}

const NAMELESS =
  'the account may not read the name of the host in vCenter; give it the role "Read-only" on the host';

function summarisePath(outcomes: readonly Outcome[]): PathSummary {
  const reasons: Record<string, number> = {};
  for (const outcome of outcomes) {
    const reason = printOutcome(outcome);
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
  return { ...countOutcomes(outcomes), reasons };
}
