import { type NamedItem, nameLabels } from '../../catalogue/presets.ts';
import { definitionOf, type MetricRow, type ReaderFacts } from '../../catalogue/row.ts';
import type { CollectorRun } from '../../collectors/run-collectors.ts';
import type { BatchFamily, BatchRequest } from '../batch.ts';

/** Collects samples by metric, as the contract wants them. */
export function createRows(request: BatchRequest, collecting: CollectorRun) {
  const items = new Map(
    request.hosts.map(({ moref, name, site }): [string, NamedItem] => [
      moref,
      { target: request.target, site, name, facts: {} },
    ]),
  );
  const families = new Map<string, BatchFamily>();
  const familyOf = (row: MetricRow): BatchFamily => {
    const known = families.get(row.name);
    if (known !== undefined) return known;
    const { name: metric, labels } = definitionOf(row);
    const made: BatchFamily = { metric, labels: [...labels], rows: [] };
    families.set(metric, made);
    return made;
  };
  return {
    offer(moref: string, reader: ReaderFacts, value: unknown) {
      const item = items.get(moref);
      if (item === undefined) return;
      for (const { row, points } of collecting.offer(reader, value)) {
        const named = nameLabels(row, item);
        const { rows } = familyOf(row);
        for (const { labels, value: number } of points) rows.push([moref, [...named, ...labels], number]);
      }
    },
    families: () => Array.from(families.values()),
  };
}
