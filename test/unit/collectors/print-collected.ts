import type { NamedItem } from '../../../lib/catalogue/presets.ts';
import { definitionOf, type MetricRow } from '../../../lib/catalogue/row.ts';
import type { KindName } from '../../../lib/inventory/kind.ts';
import { printExposition } from '../../../lib/metrics/encode-exposition.ts';
import type { Sample } from '../../../lib/metrics/family.ts';
import { groupIntoFamilies } from '../../../lib/metrics/group-into-families.ts';
import { ok } from '../../../lib/sweep/outcome.ts';
import { aggregateRows } from '../../../lib/sweep/result/aggregate.ts';
import { collect, type HostSubject } from './subjects.ts';

/** The exposition of what rows make of hosts. */
export async function printCollected(
  rows: readonly MetricRow[],
  subjects: readonly HostSubject[],
  references?: ReadonlyMap<string, NamedItem>,
): Promise<string> {
  const samples = subjects.flatMap((subject) => collect(rows, subject, references).samples);
  const made = aggregated(
    rows.filter(({ source }) => source.over !== undefined),
    subjects,
  );
  return printExposition(groupIntoFamilies(rows.map(definitionOf), [...samples, ...made]));
}

/** What rows say of objects by those in them, as the merge of a run does; the reference of each is its name. */
function aggregated(rows: readonly MetricRow[], subjects: readonly HostSubject[]): Sample[] {
  const byKind = Map.groupBy(subjects, ({ kind = 'host' }) => kind);
  const find = (kind: KindName, moref: string) => byKind.get(kind)?.find(({ item }) => item.name === moref);
  const { samples } = aggregateRows(rows, {
    named: {
      find: (kind, moref) => find(kind, moref)?.item,
      all: (kind) => byKind.get(kind)?.map(({ item }) => [item.name, item] as const),
      refersTo: () => undefined,
    },
    read: {
      outcomeOf: () => ok,
      pointsOf: (row, moref) => {
        const { object } = find(row.kind, moref) ?? {};
        return object === undefined ? [] : row.source.evaluate(object).points;
      },
    },
  });
  return samples.map(({ sample }) => sample);
}
