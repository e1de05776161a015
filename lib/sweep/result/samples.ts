import type { MetricRow, ReaderFacts } from '../../catalogue/row.ts';
import type { Collector } from '../../collectors/collector.ts';
import { evaluatedInBatches } from '../../collectors/needs.ts';
import { type Presets, pushedRows } from '../../collectors/pushed-rows.ts';
import type { SweptOwn } from '../../config/own-metrics.ts';
import type { KindName } from '../../inventory/kind.ts';
import { type List, picked } from '../../metrics/list.ts';
import {
  ofMetrics,
  type SourcedSample,
  type SourcedSamples,
  toLists,
} from '../../metrics/sourced-samples.ts';
import { type ColumnFamily, labelsAt } from '../columns.ts';
import type { FinishedRead } from '../dispatch/read-items.ts';
import type { Outcome } from '../outcome.ts';
import { type Aggregated, aggregateRows } from './aggregate.ts';
import { arePointsDistinct } from './distinct-points.ts';
import { type BatchSamples, joinDistinct } from './distinct-samples.ts';
import { createMembers, type Members } from './members.ts';
import { outcomesRead } from './merge-hosts.ts';
import type { NamedItems } from './named-items.ts';
import { createNaming, type Naming, nameCheckOf } from './naming.ts';
import { chosenBy, type IsChosen, withinBudget } from './own-metrics.ts';
import { evaluateViews, type ItemPoints, type OnError, pointsByItem } from './views.ts';

/** A batch of either sort: what it was to do, over which items, and what came of it. */
export interface SettledBatch extends Pick<FinishedRead, 'kind' | 'morefs' | 'result'> {
  readonly does: ReaderFacts['runs'];
}

/** What samples of all batches are made of, and behind them what rows say of several items together. */
type Merged = Omit<Aggregated, 'samples' | 'found'> & {
  readonly samples: SourcedSamples;
  /** Own metrics that were left out, with their series. */
  readonly cut: ReadonlyMap<string, number>;
};

/**
 * The points of all batches with the labels of their items, under the names of each preset. They stay columns: each sample
 * is made when somebody goes through the list, and nobody holds all of them.
 */
export function samplesOf(
  settled: readonly SettledBatch[],
  {
    collectors,
    named,
    presets,
    own,
  }: {
    readonly collectors: readonly Collector[];
    readonly named: NamedItems;
    readonly presets: Presets | undefined;
    readonly own?: SweptOwn | undefined;
  },
): Merged {
  const rows = collectors.flatMap((one) => one.rows);
  const pushed = new Map(pushedRows(collectors, presets).map((row) => [row.name, row]));
  const views = [...pushed.values()].filter(({ source }) => source.of !== undefined);
  const failed = new Set<string>();
  const warnings = new Map<string, number>();
  const inBatches = evaluatedInBatches(collectors).flatMap((one) => one.rows);
  const context = {
    named,
    naming: createNaming(named, presets),
    rows: new Map(inBatches.map((row) => [row.name, row])),
    members: createMembers(rows.flatMap(({ source: { over } }) => over?.name ?? [])),
    isPushed: ({ name }: MetricRow) => pushed.has(name),
    isChosen: chosenBy(own, { settled, named }),
    viewsOf: (kind: KindName) => views.filter((view) => view.kind === kind),
    onError: (row: MetricRow, why: string) => {
      for (const { name } of row.source.of ?? []) failed.add(name);
      warnings.set(why, (warnings.get(why) ?? 0) + 1);
    },
  };
  const batches = settled.map((batch) => nameBatch(batch, context));
  const dropped = batches.reduce((sum, one) => sum + one.dropped, 0);
  const together = aggregateRows(rows, {
    naming: context.naming,
    named,
    read: {
      pointsOf: context.members.pointsOf,
      outcomeOf: outcomesOf(settled),
      isNameless: namelessIn(settled),
    },
  });
  const aggregated = together.samples.filter(({ sample }) => pushed.has(sample.metric));
  const within = withinBudget(
    [
      ...joinDistinct(batches, context.naming),
      ...batches.flatMap(({ views }) => views),
      ...toLists(aggregated),
      ...Array.from(together.found, ([kind, found]) => viewAggregates(kind, found, context)).flat(),
    ],
    own,
  );
  return {
    samples: ofMetrics(within.lists),
    cut: within.cut,
    failed: new Set([...together.failed, ...failed]),
    warnings: [
      ...(dropped === 0 ? [] : [{ text: NOT_REQUESTED, count: dropped }]),
      ...together.warnings,
      ...Array.from(warnings, ([text, count]) => ({ text, count })),
      ...within.warnings,
    ],
  };
}

interface ViewContext {
  readonly named: NamedItems;
  readonly naming: Naming;
  viewsOf(kind: KindName): readonly MetricRow[];
  readonly onError: OnError;
}

const NOT_REQUESTED =
  'a worker sent points that were not requested; deploy the sweep function and its workers together';

type Lists = [metric: string, samples: List<SourcedSample>][];

interface NamedBatch extends BatchSamples {
  readonly views: Lists;
  /** So many points are of nothing that was asked for. */
  readonly dropped: number;
}

/** The points that the sweep asked for; a worker of another version may send others, which cost themselves only. */
function nameBatch(
  { does, kind, morefs, result }: SettledBatch,
  {
    rows,
    named,
    naming,
    members,
    isPushed,
    isChosen,
    ...context
  }: ViewContext & {
    readonly isChosen: IsChosen | undefined;
    readonly rows: ReadonlyMap<string, MetricRow>;
    readonly members: Members;
    isPushed(row: MetricRow): boolean;
  },
): NamedBatch {
  if (result.status === 'rejected') return { asked: [], lists: [], views: [], dropped: 0 };
  const { outcomes, families } = result.value;
  const wanted = new Set(morefs);
  const asked = outcomes.map(([moref]) =>
    wanted.has(moref) && named.find(kind, moref) !== undefined ? moref : undefined,
  );
  const views = context.viewsOf(kind);
  const viewed = new Set(views.flatMap(({ source }) => source.of?.map(({ name }) => name) ?? []));
  const toView: ColumnFamily[] = [];
  const lists: BatchSamples['lists'][number][] = [];
  let dropped = 0;
  for (const family of families) {
    const row = rows.get(family.metric);
    const fits =
      row?.kind === kind && row.source.reader.runs === does && row.labels.length === family.labels.length;
    if (!fits) {
      dropped += family.items.length;
      continue;
    }
    const all = naming(row).ofFamily(family, asked);
    const itemAt = (index: number) => asked[family.items[index] as number];
    const canName = nameCheckOf(row, named);
    const chooses = row.isOwn === true ? isChosen : undefined;
    const printed = indexesWhere(family.items.length, (index) => {
      const moref = itemAt(index);
      if (moref === undefined || chooses?.(kind, moref) === false) return false;
      return canName === undefined || canName(labelsAt(family, index));
    });
    const samples = printed === undefined ? all : picked(all, printed);
    for (let index = 0; index < family.items.length; index += 1)
      if (itemAt(index) === undefined) dropped += 1;
    if (isPushed(row)) {
      const areDistinct = arePointsDistinct(family, asked.length);
      lists.push({ row, samples, areDistinct, isTimed: isTimed(family, printed) });
    }
    if (viewed.has(row.name)) toView.push(family);
    if (members.has(row))
      for (let index = 0; index < family.items.length; index += 1) {
        const moref = itemAt(index);
        if (moref === undefined) continue;
        members.add(row, moref, { labels: labelsAt(family, index), value: family.values[index] ?? 0 });
      }
  }
  const items = pointsByItem(toView, (place) => named.find(kind, asked[place] ?? ''));
  return {
    asked: asked.filter((moref) => moref !== undefined),
    lists,
    views: nameViews(views, items, asked, { ...context, naming }),
    dropped,
  };
}

/** Whether any of its points has a time, or of those at some indexes. */
function isTimed({ times }: ColumnFamily, indexes: readonly number[] | undefined): boolean {
  if (times === undefined) return false;
  return indexes === undefined
    ? times.some((time) => time !== 0)
    : indexes.some((index) => times[index] !== 0);
}

/** The numbers below `length` that are wanted; undefined for all of them, as in nearly every family: hundreds of thousands. */
function indexesWhere(length: number, isWanted: (index: number) => boolean): readonly number[] | undefined {
  let first = 0;
  while (first < length && isWanted(first)) first += 1;
  if (first === length) return undefined;
  const wanted = Array.from({ length: first }, (_, index) => index);
  for (let index = first + 1; index < length; index += 1) if (isWanted(index)) wanted.push(index);
  return wanted;
}

/** The points of views of an aggregate: a vCenter has few objects that contain others. */
function viewAggregates(
  kind: KindName,
  found: ReadonlyMap<string, ItemPoints[2]>,
  context: ViewContext,
): Lists {
  const morefs = [...found.keys()];
  const items = morefs.flatMap((moref, place): ItemPoints[] => {
    const [item, points] = [context.named.find(kind, moref), found.get(moref)];
    return item === undefined || points === undefined ? [] : [[place, item, points]];
  });
  return nameViews(context.viewsOf(kind), items, morefs, context);
}

function nameViews(
  views: readonly MetricRow[],
  items: readonly ItemPoints[],
  asked: readonly (string | undefined)[],
  { naming, onError }: Pick<ViewContext, 'naming' | 'onError'>,
): Lists {
  const families = new Map(evaluateViews(views, items, onError).map((family) => [family.metric, family]));
  return views.flatMap((row): Lists => {
    const family = families.get(row.name);
    return family === undefined ? [] : [[row.name, naming(row).ofFamily(family, asked)]];
  });
}

function namelessIn(settled: readonly SettledBatch[]): (kind: KindName, moref: string) => boolean {
  const found = new Set(
    settled.flatMap(({ kind, result }) =>
      result.status === 'fulfilled' ? result.value.nameless.map((moref) => `${kind} ${moref}`) : [],
    ),
  );
  return (kind, moref) => found.has(`${kind} ${moref}`);
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
