import { PROBE } from '../../catalogue/sources/probe.ts';
import { PROPERTIES } from '../../catalogue/sources/property.ts';
import { needsOf, runsBy } from '../../collectors/needs.ts';
import { COLLECTORS } from '../../collectors/registry.ts';
import { createCollectorRun } from '../../collectors/run-collectors.ts';
import { createWarningCounts, type WarningCount } from '../../collectors/warning-counts.ts';
import type { TargetConfig } from '../../config/schema.ts';
import { HOST_SERVICES_PATHS } from '../../inventory/host-services.ts';
import { MAX_DETAIL_CHARACTERS } from '../../logins/rules/left-alone.ts';
import { startDeadline } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import { startTimeline, type Timeline } from '../../platform/timeline.ts';
import type { AccountStore } from '../../state/stores/accounts.ts';
import type { RetrievedObject } from '../../vsphere/property/retrieved-object.ts';
import type { OpenOptions } from '../../vsphere/session/session.ts';
import {
  BATCH_VERSION,
  type BatchRequest,
  type BatchResult,
  decodeBatchRequest,
  encodeBatchResult,
} from '../batch.ts';
import { failed, type Outcome, type Path } from '../outcome.ts';
import { targetSettings } from '../plan/target-settings.ts';
import type { WorkerSession } from '../sessions.ts';
import { createRows } from './collected-rows.ts';
import { hostsOfLimits, isNews, OPTIONS_PATH, parseHostLimits } from './host-limits.ts';
import type { Probed } from './probe-host.ts';
import { type ProbeHostsDeps, probeHosts } from './probe-hosts.ts';
import { type CloneSession, readObjects } from './read-objects.ts';
import { isSshDisabled, withSshDisabled } from './ssh-disabled.ts';

export interface CollectBatchDeps extends ProbeHostsDeps {
  /** Opens the worker's session on the target by a ticket. */
  cloneSession(target: TargetConfig, ticket: string, options: OpenOptions): ReturnType<CloneSession>;
  /** Where the limits of hosts that hold refusals are kept. */
  readonly limits: Pick<AccountStore, 'recordLimits'>;
}

/** The worker: bytes of a BatchRequest in, bytes of a BatchResult out. Rejects only when the request is not usable. */
export const collectBatch = async (
  payload: Uint8Array,
  deps: CollectBatchDeps,
  options: { signal: AbortSignal },
): Promise<Uint8Array> => await collectFrom(decodeBatchRequest(payload), deps, options);

/**
 * As `collectBatch`, for a request that is decoded and believed already: since `timeline` began, which is now by
 * default. `warnings` are what the run is told besides.
 */
export async function collectFrom(
  request: BatchRequest,
  deps: CollectBatchDeps,
  options: { signal: AbortSignal; timeline?: Timeline; warnings?: readonly string[] },
): Promise<Uint8Array> {
  const { collectors, target } = targetSettings(deps.config, request);
  const { timeline = startTimeline(deps.clock) } = options;
  using deadline = startDeadline({
    clock: deps.clock,
    ms: timeline.msUntil(request.endsAt),
    what: `batch ${request.batch} of ${request.target}`,
    signal: options.signal,
  });
  const startedAt = timeline.now();
  const collecting = createCollectorRun(collectors, deps.clock);
  const rows = createRows(request, collecting);
  const overSsh = runsBy(collectors, 'ask');
  const stopped = new Set<string>();
  const needs = new Map(needsOf(collectors).map((one) => [one.reader.name, one.needs]));
  if (overSsh) needs.set(PROPERTIES.name, [...HOST_SERVICES_PATHS, ...(needs.get(PROPERTIES.name) ?? [])]);

  const reading = readObjects(
    request,
    {
      clock: deps.clock,
      timeline,
      needs,
      clone: (ticket, cloneOptions) =>
        deps.cloneSession(target, ticket, { ...cloneOptions, endsAt: request.endsAt }),
      onValue: (moref, reader, value) => {
        if (reader === PROPERTIES && isSshDisabled(value as RetrievedObject)) stopped.add(moref);
        rows.offer(moref, reader, value);
      },
      afterwards: (session, readOptions) => recordLimits(request, { session, deps }, readOptions),
    },
    deadline,
  );
  const probing = overSsh ? probeHosts(request, deps, deadline) : new Map<string, Probed>();
  const [read, answers] = await Promise.all([reading, probing]);
  const probed = withSshDisabled(answers, stopped);
  for (const [moref, { services }] of probed)
    if (services !== undefined) rows.offer(moref, PROBE, { services });

  const results = collecting.results();
  const outcomes = request.hosts.map(({ moref }): BatchResult['outcomes'][number] => [
    moref,
    read.outcomes.get(moref) ?? failed('unreadable'),
    probed.get(moref)?.outcome ?? null,
  ]);
  const durationMs = Math.max(0, Math.round(timeline.now() - startedAt));
  deps.log.info('batch collected', {
    target: request.target,
    batch: request.batch,
    hosts: request.hosts.length,
    vcenterCalls: read.calls,
    vcenterBytes: read.bytes,
    durationMs,
  });
  return encodeBatchResult(
    {
      version: BATCH_VERSION,
      target: request.target,
      batch: request.batch,
      outcomes,
      logins: Array.from(probed).flatMap(([moref, { login }]): BatchResult['logins'] =>
        login === undefined ? [] : [[moref, login]],
      ),
      pinned: Array.from(probed).flatMap(([moref, { pinned }]) => (pinned ? [moref] : [])),
      details: detailsOf(read.detail, probed, outcomes),
      families: rows.families(),
      collectors: results.map(({ collector, success, durationMs }) => ({
        name: collector,
        success: success === 1,
        durationMs,
      })),
      warnings: [
        ...results.flatMap(({ collector, warnings }) =>
          warnings.map(({ text, count }) => ({ text: `${collector}: ${text}`.slice(0, 2_000), count })),
        ),
        ...read.warnings.map((text) => ({ text: text.slice(0, 2_000), count: 1 })),
        ...warningsOf(probed),
        ...(options.warnings ?? []).map((text) => ({ text: text.slice(0, 2_000), count: 1 })),
      ],
      measurements: {
        vcenterCalls: read.calls,
        vcenterBytes: read.bytes,
        failedLogouts: read.failedLogouts,
        durationMs,
      },
    },
    { fromVcenter: (metric) => comesFromVcenter(metric) },
  );
}

/** Keeps the limits of hosts that hold refusals: an unread one is taken for the lowest that is in use. */
async function recordLimits(
  { hosts, credential }: BatchRequest,
  { session, deps }: { session: WorkerSession; deps: CollectBatchDeps },
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const asked = new Map(hostsOfLimits(hosts).map((host) => [host.moref, host]));
  if (credential === undefined || credential.scope === 'domain' || asked.size === 0) return;
  const query = { type: 'HostSystem', morefs: [...asked.keys()], paths: [OPTIONS_PATH] } as const;
  try {
    for await (const { moref, properties } of session.retrieve(query, { signal })) {
      const host = asked.get(moref.value);
      const limits = parseHostLimits(properties.get(OPTIONS_PATH));
      if (host === undefined || !isNews(limits, host.account)) continue;
      await deps.limits.recordLimits(credential.username, host.address, limits, { signal });
    }
  } catch (error) {
    deps.log.warn('the lockout limits of hosts could not be read', { error: messageOf(error) });
  }
}

/** What probes found missing on hosts, each with the number of hosts. */
function warningsOf(probed: ReadonlyMap<string, Probed>): WarningCount[] {
  const counts = createWarningCounts();
  for (const { warnings = [] } of probed.values()) for (const text of warnings) counts.add(`ssh: ${text}`);
  return counts.list();
}

/** Whether a metric rests on properties alone, so that dropping it costs nobody a second login. */
function comesFromVcenter(metric: string): boolean {
  const owner = COLLECTORS.find(({ metrics }) => metrics.some(({ name }) => name === metric));
  return owner !== undefined && !runsBy([owner], 'ask');
}

/** The retrieval went well, and the host or its name was not in it. */
const withoutError = (outcome: Outcome): string | undefined =>
  outcome.kind === 'failed' && outcome.reason === 'unreadable'
    ? 'vCenter did not return the host or its name; give the account the role "Read-only" on the host'
    : undefined;

function detailsOf(
  vcenterDetail: string | undefined,
  probed: ReadonlyMap<string, Probed>,
  outcomes: BatchResult['outcomes'],
): BatchResult['details'] {
  const row = (moref: string, path: Path, text: string | undefined): BatchResult['details'] =>
    text === undefined ? [] : [[moref, path, text.slice(0, MAX_DETAIL_CHARACTERS)]];
  const isFailed = (outcome: Outcome) => outcome.kind === 'failed';
  return outcomes.flatMap(([moref, vcenter]) => [
    ...(isFailed(vcenter) ? row(moref, 'vcenter', vcenterDetail ?? withoutError(vcenter)) : []),
    ...row(moref, 'ssh', probed.get(moref)?.detail),
  ]);
}
