import { definitionOf, type MetricRow } from '../../../lib/catalogue/row.ts';
import { printExposition } from '../../../lib/metrics/encode-exposition.ts';
import { groupIntoFamilies } from '../../../lib/metrics/group-into-families.ts';
import { collect, type HostSubject } from './subjects.ts';

/** The exposition of what rows make of hosts. */
export async function printCollected(
  rows: readonly MetricRow[],
  subjects: readonly HostSubject[],
): Promise<string> {
  const samples = subjects.flatMap((subject) => collect(rows, subject).samples);
  return printExposition(groupIntoFamilies(rows.map(definitionOf), samples));
}
