import type { MetricRow, ReaderFacts } from '../../catalogue/row.ts';
import type { Collector } from '../../collectors/collector.ts';
import { evaluatedInBatches } from '../../collectors/needs.ts';
import type { KindName } from '../../inventory/kind.ts';
import type { SourcedSample } from '../../metrics/deduplicate.ts';
import { labelsAt } from '../columns.ts';
import type { FinishedRead } from '../dispatch/read-items.ts';
import type { Outcome } from '../outcome.ts';
import { type Aggregated, aggregateRows } from './aggregate.ts';
import { createMembers, type Members } from './members.ts';
import { outcomesRead } from './merge-hosts.ts';
import { createNaming, type NamedItems } from './named-items.ts';

/** A batch of either sort: what it was to do, over which items, and what came of it. */
export interface SettledBatch extends Pick<FinishedRead, 'kind' | 'morefs' | 'result'> {
  readonly does: ReaderFacts['runs'];
}

/**
 * The points of all batches with the labels of their items, and behind them what rows say of several items together.
 */
export function samplesOf(
  settled: readonly SettledBatch[],
  { collectors, named }: { readonly collectors: readonly Collector[]; readonly named: NamedItems },
): Aggregated {
  const rows = collectors.flatMap((one) => one.rows);
  const pushed = new Set(rows.map(({ name }) => name));
  const inBatches = evaluatedInBatches(collectors).flatMap((one) => one.rows);
  const context = {
    naming: createNaming(named),
    rows: new Map(inBatches.map((row) => [row.name, row])),
    members: createMembers(rows.flatMap(({ source: { over } }) => over?.name ?? [])),
    isPushed: ({ name }: MetricRow) => pushed.has(name),
  };
  const samples: SourcedSample[] = [];
  const dropped = settled.reduce((sum, batch) => sum + nameBatch(batch, context, samples), 0);
  const together = aggregateRows(rows, {
    named,
    read: { pointsOf: context.members.pointsOf, outcomeOf: outcomesOf(settled) },
  });
  for (const sample of together.samples) samples.push(sample);
  return {
    samples,
    failed: together.failed,
    warnings: [...(dropped === 0 ? [] : [{ text: NOT_REQUESTED, count: dropped }]), ...together.warnings],
  };
}

const NOT_REQUESTED =
  'a worker sent points that were not requested; deploy the sweep function and its workers together';

/** The points that the sweep asked for; a worker of another version may send others, which cost themselves only. */
function nameBatch(
  { does, kind, morefs, result }: SettledBatch,
  {
    rows,
    naming,
    members,
    isPushed,
  }: {
    readonly rows: ReadonlyMap<string, MetricRow>;
    readonly naming: ReturnType<typeof createNaming>;
    readonly members: Members;
    isPushed(row: MetricRow): boolean;
  },
  samples: SourcedSample[],
): number {
  if (result.status === 'rejected') return 0;
  const { outcomes, families } = result.value;
  const wanted = new Set(morefs);
  const asked = outcomes.map(([moref]) => (wanted.has(moref) ? moref : undefined));
  let dropped = 0;
  for (const family of families) {
    const row = rows.get(family.metric);
    const fits =
      row?.kind === kind && row.source.reader.runs === does && row.labels.length === family.labels.length;
    if (!fits) {
      dropped += family.items.length;
      continue;
    }
    const nameSample = naming(row);
    const [pushed, isMember] = [isPushed(row), members.has(row)];
    for (let index = 0; index < family.items.length; index += 1) {
      const moref = asked[family.items[index] ?? -1];
      const labels = labelsAt(family, index);
      const sample = moref === undefined ? undefined : nameSample(moref, labels, family.values[index] ?? 0);
      if (sample === undefined) dropped += 1;
      else {
        if (pushed) samples.push(sample);
        if (isMember) members.add(row, sample.moref, { labels, value: sample.sample.value });
      }
    }
  }
  return dropped;
}

/** What became of items on the path vcenter, by kind and reference. */
function outcomesOf(
  settled: readonly SettledBatch[],
): (kind: KindName, moref: string) => Outcome | undefined {
  const byKind = Map.groupBy(
    settled.filter(({ does }) => does === 'read'),
    ({ kind }) => kind,
  );
  const outcomes = new Map(Array.from(byKind, ([kind, ofKind]) => [kind, outcomesRead(ofKind)]));
  return (kind, moref) => outcomes.get(kind)?.get(moref)?.outcome;
}
