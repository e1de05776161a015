import type { ReaderFacts } from '../../catalogue/row.ts';
import { PROPERTIES } from '../../catalogue/sources/property.ts';
import { evaluatedInBatches, needsOf, runsBy } from '../../collectors/needs.ts';
import { createCollectorRun } from '../../collectors/run-collectors.ts';
import type { TargetConfig } from '../../config/schema.ts';
import { HOST_SERVICES_PATHS } from '../../inventory/host-services.ts';
import type { KindName } from '../../inventory/kind.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Deadline } from '../../platform/deadline.ts';
import type { Timeline } from '../../platform/timeline.ts';
import type { RetrievedObject } from '../../vsphere/property/retrieved-object.ts';
import type { OpenOptions } from '../../vsphere/session/session.ts';
import { type BatchResult, EMPTY_RESULT, type ReadRequest } from '../batch.ts';
import { createColumns } from '../columns.ts';
import { failed, type Outcome } from '../outcome.ts';
import type { TargetSettings } from '../plan/target-settings.ts';
import { collectedBy, cutDetail } from './batch-result.ts';
import { type CloneSession, readObjects } from './read-objects.ts';
import { isSshDisabled } from './ssh-disabled.ts';

export interface ReadBatchDeps {
  readonly clock: Clock;
  /** Opens the worker's session on the target by a ticket. */
  cloneSession(target: TargetConfig, ticket: string, options: OpenOptions): ReturnType<CloneSession>;
}

/** Reads what the rows of a sweep need of one kind, and evaluates them while the answers stream. Never rejects. */
export async function readBatch(
  request: ReadRequest,
  { collectors, target, timeline }: TargetSettings & { readonly timeline: Timeline },
  deps: ReadBatchDeps,
  deadline: Pick<Deadline, 'signal'>,
): Promise<BatchResult> {
  const { kind } = request;
  const collecting = createCollectorRun(
    evaluatedInBatches(collectors).map((one) => ({
      ...one,
      rows: one.rows.filter((row) => row.kind === kind),
    })),
    deps.clock,
  );
  const columns = createColumns();
  const places = new Map(request.items.map(([, moref], index) => [moref, index]));
  const sshStopped = new Set<string>();
  const needs = needsFor(request, collectors);
  const read = await readObjects(
    request,
    {
      clock: deps.clock,
      timeline,
      needs,
      clone: (ticket, options) => deps.cloneSession(target, ticket, { ...options, endsAt: request.endsAt }),
      onValue: (moref: string, reader: ReaderFacts, value: unknown) => {
        const item = places.get(moref);
        if (item === undefined) return;
        if (kind === 'host' && reader === PROPERTIES && isSshDisabled(value as RetrievedObject))
          sshStopped.add(moref);
        // The result is refused as too large: what comes now would only fill the memory.
        if (columns.areTooMany()) return;
        for (const { row, points } of collecting.offer(reader, value)) columns.add(item, row, points);
      },
      onDenied: (reader) => collecting.lack(reader, 'System.Read'),
    },
    deadline,
  );
  for (const { reader, why } of read.missed)
    for (const need of needs.get(reader.name) ?? []) collecting.miss(reader, need, why);
  const outcomes = request.items.map(([, moref]): BatchResult['outcomes'][number] => [
    moref,
    read.outcomes.get(moref) ?? failed('unreadable'),
  ]);
  const { calls, bytes, failedLogouts } = read;
  const collected = collectedBy(collecting.results());
  return {
    ...EMPTY_RESULT,
    target: request.target,
    batch: request.batch,
    outcomes,
    sshStopped: [...sshStopped],
    nameless: read.nameless.filter((moref) => places.has(moref)),
    details: outcomes.flatMap(([moref, outcome]) =>
      cutDetail(moref, outcome.kind === 'failed' ? (read.detail ?? withoutError(outcome, kind)) : undefined),
    ),
    families: columns.takeFamilies(),
    collectors: collected.collectors,
    warnings: collected.warnings,
    measurements: { vcenterCalls: calls, vcenterBytes: bytes, failedLogouts, durationMs: 0 },
  };
}

/** By the name of the reader. Where hosts are asked besides, their ssh service is read once more, for the merge. */
function needsFor(
  { kind }: ReadRequest,
  collectors: TargetSettings['collectors'],
): ReadonlyMap<string, readonly unknown[]> {
  const needs = new Map(
    needsOf(collectors)
      .filter((one) => one.kind === kind && one.reader.runs === 'read')
      .map((one) => [one.reader.name, one.needs]),
  );
  if (kind === 'host' && runsBy(collectors, 'ask'))
    needs.set(PROPERTIES.name, [...HOST_SERVICES_PATHS, ...(needs.get(PROPERTIES.name) ?? [])]);
  return needs;
}

/** The retrieval went well, and the item or its name was not in it. */
function withoutError(outcome: Outcome, kind: KindName): string | undefined {
  if (outcome.kind !== 'failed' || outcome.reason !== 'unreadable') return undefined;
  const what = kind === 'host' ? 'host' : 'object';
  return `vCenter did not return the ${what} or its name; give the account the role "Read-only" on the ${what}`;
}
