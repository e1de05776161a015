import { definitionOf, type MetricRow } from '../catalogue/row.ts';
import { checkAggregate } from '../catalogue/sources/aggregate.ts';
import type { MetricDefinition } from '../metrics/family.ts';

/** A named group of metrics that a sweep asks for. */
export interface Collector {
  /** The configuration's word for it. */
  readonly name: string;
  readonly rows: readonly MetricRow[];
  readonly metrics: readonly MetricDefinition[];
}

/** Throws TypeError for a row that cannot be. */
export function collector(name: string, rows: readonly MetricRow[]): Collector {
  for (const row of rows) checkAggregate(row);
  return { name, rows, metrics: rows.map((row) => definitionOf(row)) };
}
