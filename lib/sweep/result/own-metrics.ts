import type { MetricRow, ReaderFacts } from '../../catalogue/row.ts';
import { compileOnly } from '../../collectors/own/chosen-items.ts';
import { isTagRow } from '../../collectors/own/tag-rows.ts';
import type { SweptOwn } from '../../config/own-metrics.ts';
import type { KindName } from '../../inventory/kind.ts';
import type { List } from '../../metrics/list.ts';
import type { SourcedSample } from '../../metrics/sourced-samples.ts';
import { labelsAt } from '../columns.ts';
import type { FinishedRead } from '../dispatch/read-items.ts';
import type { NamedItems } from './named-items.ts';

/** A batch that brought tags, among others. */
interface SettledBatch extends Pick<FinishedRead, 'kind' | 'result'> {
  readonly does: ReaderFacts['runs'];
}

/** Whether own metrics are about an item that was listed. */
export type IsChosen = (kind: KindName, moref: string) => boolean;

/**
 * By `metrics.only`; undefined where own metrics are about all items. What has a tag is known when all results are there.
 * Where tags could not be read nothing is chosen by them, and the collector fails.
 */
export function chosenBy(
  own: SweptOwn | undefined,
  { settled, named }: { readonly settled: readonly SettledBatch[]; readonly named: NamedItems },
): IsChosen | undefined {
  if (own?.only === undefined) return undefined;
  const chooses = compileOnly(own.only);
  const tags = own.only.tag === undefined ? new Map<string, Set<string>>() : tagsIn(settled);
  const known = new Map<string, boolean>();
  return (kind, moref) => {
    const key = `${kind} ${moref}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const item = named.find(kind, moref);
    const isChosen = item !== undefined && chooses(kind, item, tags.get(key) ?? new Set());
    known.set(key, isChosen);
    return isChosen;
  };
}

/** The texts `category=name` of the tags of items, by kind and reference. */
function tagsIn(settled: readonly SettledBatch[]): ReadonlyMap<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { does, kind, result } of settled) {
    if (does !== 'sweep' || result.status === 'rejected') continue;
    const { outcomes, families } = result.value;
    for (const family of families.filter(({ metric }) => isTagRow(metric)))
      for (const [index, place] of family.items.entries()) {
        const key = `${kind} ${outcomes[place]?.[0]}`;
        const ofItem = found.get(key) ?? new Set();
        found.set(key, ofItem.add(labelsAt(family, index).join('=')));
      }
  }
  return found;
}

type Lists = readonly (readonly [metric: string, samples: List<SourcedSample>])[];

/** What is left of all samples, and the series of each own metric that was left out. */
interface Budgeted {
  readonly lists: Lists;
  readonly cut: ReadonlyMap<string, number>;
  readonly warnings: readonly { readonly text: string; readonly count: number }[];
}

/**
 * Leaves out the own metrics with the most series, until all that is left is within `metrics.series`. Whole metrics: the
 * sum of a part would be another sum. Built-in metrics count, and stay.
 */
export function withinBudget(lists: Lists, own: SweptOwn | undefined): Budgeted {
  if (own === undefined) return { lists, cut: new Map(), warnings: [] };
  const counts = new Map<string, number>();
  for (const [metric, { length }] of lists) counts.set(metric, (counts.get(metric) ?? 0) + length);
  let total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const ofOwn = [...counts].filter(([metric]) => Object.hasOwn(own.metrics, metric));
  const cut = new Map<string, number>();
  for (const [metric, count] of ofOwn.toSorted(([, one], [, other]) => other - one)) {
    if (total <= own.series) break;
    cut.set(metric, count);
    total -= count;
  }
  return {
    lists: cut.size === 0 ? lists : lists.filter(([metric]) => !cut.has(metric)),
    cut,
    warnings: Array.from(cut, ([metric, count]) => ({
      text: `${metric}: left out, because with its ${count} series the run has more than metrics.series (${own.series}). Choose fewer objects with metrics.only, or raise metrics.series`,
      count: 1,
    })),
  };
}

/** The metrics of the configuration among some rows. */
export const ownNames = (rows: readonly MetricRow[]): string[] =>
  rows.flatMap(({ name, isOwn }) => (isOwn === true ? [name] : []));
