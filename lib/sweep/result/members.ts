import type { MetricRow, Point } from '../../catalogue/row.ts';

/** The points of rows that others are aggregated over, by their items. */
export interface Members {
  /** Whether others are aggregated over the row. */
  has(row: MetricRow): boolean;
  /** Keeps a point of such a row; of any other nothing. */
  add(row: MetricRow, moref: string, point: Point): void;
  pointsOf(row: MetricRow, moref: string): readonly Point[];
}

/** `names` are those of the rows to keep. */
export function createMembers(names: Iterable<string>): Members {
  const kept = new Map(Array.from(names, (name) => [name, new Map<string, Point[]>()] as const));
  return {
    has: ({ name }) => kept.has(name),
    add({ name }, moref, point) {
      const ofRow = kept.get(name);
      if (ofRow === undefined) return;
      const points = ofRow.get(moref);
      if (points === undefined) ofRow.set(moref, [point]);
      else points.push(point);
    },
    pointsOf: ({ name }, moref) => kept.get(name)?.get(moref) ?? [],
  };
}
