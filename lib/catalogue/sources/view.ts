import type { NamedItem } from '../presets.ts';
import { type MetricRow, NOTHING, type Point, type ReaderFacts, type Source } from '../row.ts';

/** What other rows found of the same item, under the names of another preset. No batch knows of it. */
export const VIEW: ReaderFacts = { name: 'view', runs: 'merge' };

/** What is known of one item where results are put together. */
export interface ViewReading {
  readonly item: NamedItem;
  /** None where the row has nothing to say of the item, or no collector of the sweep has the row. */
  pointsOf(row: MetricRow): readonly Point[];
}

/** A row that is made from the points of other rows of one item. */
export interface ViewSource extends Source<never, ViewReading> {
  readonly of: readonly MetricRow[];
}

/**
 * A row that says what others say, in the words and units of another tool. It is not read: whatever of `of` a sweep
 * collects is enough for it, and a second preset makes no result of a worker larger. All of `of` are of one kind, and come
 * from the same batch or are all aggregated.
 */
export const view = (
  of: readonly MetricRow[],
  toPoints: (reading: ViewReading) => readonly Point[],
): ViewSource => ({
  reader: VIEW,
  needs: [],
  of,
  evaluate: (reading) => ({ ...NOTHING, points: toPoints(reading) }),
});
