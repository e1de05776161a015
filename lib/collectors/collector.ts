import { definitionOf, type MetricRow } from '../catalogue/row.ts';
import type { MetricDefinition } from '../metrics/family.ts';

/** A named group of metrics that a sweep asks for. */
export interface Collector {
  /** The configuration's word for it. */
  readonly name: string;
  readonly rows: readonly MetricRow[];
  readonly metrics: readonly MetricDefinition[];
}

export const collector = (name: string, rows: readonly MetricRow[]): Collector => ({
  name,
  rows,
  metrics: rows.map(definitionOf),
});
