import { baseLabelsOf, type NamedItem } from '../../../lib/catalogue/presets.ts';
import { definitionOf, type MetricRow } from '../../../lib/catalogue/row.ts';
import { printExposition } from '../../../lib/metrics/encode-exposition.ts';
import type { Sample } from '../../../lib/metrics/family.ts';
import { groupIntoFamilies } from '../../../lib/metrics/group-into-families.ts';
import { type ColumnFamily, labelsAt } from '../../../lib/sweep/columns.ts';
import { ok } from '../../../lib/sweep/outcome.ts';
import { aggregateRows } from '../../../lib/sweep/result/aggregate.ts';
import type { NamedItems } from '../../../lib/sweep/result/named-items.ts';
import { evaluateViews } from '../../../lib/sweep/result/views.ts';
import { collect, evaluate, type HostSubject } from './subjects.ts';

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
  return printExposition(
    groupIntoFamilies(
      rows.map((row) => definitionOf(row)),
      [...samples, ...made],
    ),
  );
}

/** The exposition of what views make of what all collectors found of objects. */
export async function printViews(
  views: readonly MetricRow[],
  rows: readonly MetricRow[],
  subjects: readonly HostSubject[],
): Promise<string> {
  const { found } = aggregateAll(rows, subjects);
  const samples: Sample[] = [];
  for (const subject of subjects) {
    const { kind = 'host', item } = subject;
    const points = new Map(found.get(kind)?.get(item.name));
    for (const one of evaluate(rows, subject).found) points.set(one.row.name, one.points);
    const ofKind = views.filter((view) => view.kind === kind);
    const families = evaluateViews(ofKind, [[0, item, points]], (_row, why) => {
      throw new Error(why);
    });
    for (const row of ofKind) {
      const family = families.find(({ metric }) => metric === row.name);
      const names = baseLabelsOf(row).map(([, print]) => print(item));
      for (const [index, value] of family?.values.entries() ?? [])
        samples.push({
          metric: row.name,
          labels: [...names, ...labelsAt(family as ColumnFamily, index)],
          value,
        });
    }
  }
  return printExposition(
    groupIntoFamilies(
      views.map((view) => definitionOf(view)),
      samples,
    ),
  );
}

/** What rows say of objects by those in them, as the merge of a run does; the reference of each is its name. */
const aggregated = (rows: readonly MetricRow[], subjects: readonly HostSubject[]): Sample[] =>
  aggregateAll(rows, subjects).samples.map(({ sample }) => sample);

function namedOf(subjects: readonly HostSubject[]): NamedItems {
  const byKind = Map.groupBy(subjects, ({ kind = 'host' }) => kind);
  return {
    find: (kind, moref) => byKind.get(kind)?.find(({ item }) => item.name === moref)?.item,
    all: (kind) => byKind.get(kind)?.map(({ item }) => [item.name, item] as const),
    refersTo: () => undefined,
  };
}

const aggregateAll = (rows: readonly MetricRow[], subjects: readonly HostSubject[]) =>
  aggregateRows(rows, {
    named: namedOf(subjects),
    read: {
      outcomeOf: () => ok,
      pointsOf: (row, moref) => {
        const { object } =
          subjects.find(({ kind = 'host', item }) => kind === row.kind && item.name === moref) ?? {};
        return object === undefined ? [] : row.source.evaluate(object).points;
      },
    },
  });
