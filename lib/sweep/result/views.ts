import type { NamedItem } from '../../catalogue/presets.ts';
import type { MetricRow, Point } from '../../catalogue/row.ts';
import { checkPoint } from '../../collectors/check-point.ts';
import { messageOf } from '../../platform/errors.ts';
import { type ColumnFamily, type Columns, createColumns, labelsAt, timeAt } from '../columns.ts';

/** An item by its place, with what rows found of it, by their names. */
export type ItemPoints = readonly [
  place: number,
  item: NamedItem,
  points: ReadonlyMap<string, readonly Point[]>,
];

/** Why a view has no points of an item. */
export type OnError = (row: MetricRow, why: string) => void;

const NONE: readonly Point[] = [];

/**
 * What views make of the points of items, as columns: a family a view, as if a worker had sent it. What one throws costs
 * its points of that item.
 */
export function evaluateViews(
  views: readonly MetricRow[],
  items: readonly ItemPoints[],
  onError: OnError,
): Columns {
  const columns = createColumns();
  for (const row of views) {
    const of = row.source.of ?? [];
    for (const [place, item, points] of items) {
      if (!of.some(({ name }) => points.has(name))) continue;
      try {
        const found = timesOf(of, points).flatMap((timeMs) => evaluateAt(row, item, points, timeMs));
        for (const point of found) checkPoint(row, point);
        columns.add(place, row, found);
      } catch (error) {
        onError(row, `${row.name}: failed; its samples are left out: ${messageOf(error)}`);
      }
    }
  }
  return columns.takeFamilies();
}

/** The times of the points that a view is made from; one that is undefined where none has a time. */
function timesOf(of: readonly MetricRow[], points: ItemPoints[2]): readonly (number | undefined)[] {
  const times = new Set<number>();
  for (const { name } of of)
    for (const { timeMs } of points.get(name) ?? NONE) if (timeMs !== undefined) times.add(timeMs);
  return times.size === 0 ? [undefined] : [...times].sort((one, other) => one - other);
}

/** What the view says at one time: of the points of then, and of those that have no time. */
function evaluateAt(
  row: MetricRow,
  item: NamedItem,
  points: ItemPoints[2],
  at: number | undefined,
): readonly Point[] {
  const isThen = ({ timeMs }: Point) => timeMs === undefined || timeMs === at;
  const pointsOf = ({ name }: MetricRow) => {
    const ofRow = points.get(name) ?? NONE;
    return at === undefined ? ofRow : ofRow.filter(isThen);
  };
  const found = row.source.evaluate({ item, pointsOf }).points;
  return at === undefined ? found : found.map((point) => ({ ...point, timeMs: at }));
}

/** The points of some families of one batch by their items; `itemAt` knows the item of a place. */
export function pointsByItem(
  families: readonly ColumnFamily[],
  itemAt: (place: number) => NamedItem | undefined,
): ItemPoints[] {
  const found = new Map<number, Map<string, Point[]>>();
  for (const family of families)
    for (const [index, place] of family.items.entries()) {
      const points = found.get(place) ?? new Map<string, Point[]>();
      if (points.size === 0) found.set(place, points);
      const ofRow = points.get(family.metric);
      const timeMs = timeAt(family, index);
      const when = timeMs === undefined ? {} : { timeMs };
      const point = { labels: labelsAt(family, index), value: family.values[index] ?? 0, ...when };
      if (ofRow === undefined) points.set(family.metric, [point]);
      else ofRow.push(point);
    }
  return Array.from(found).flatMap(([place, points]) => {
    const item = itemAt(place);
    return item === undefined ? [] : [[place, item, points] as const];
  });
}
