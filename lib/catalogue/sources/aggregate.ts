import { containsOf } from '../../inventory/contains.ts';
import type { NamedItem } from '../presets.ts';
import type { Evaluated, MetricRow, Point, ReaderFacts, Source } from '../row.ts';

/** What several items say together. No batch can tell it, because the members of one object may be in several. */
export const AGGREGATE: ReaderFacts = { name: 'aggregate', runs: 'merge' };

/** One object in the object that the row is about, with what the other row found of it in this run. */
export interface Member extends NamedItem {
  /** None where the row has nothing to say of it. */
  readonly points: readonly Point[];
}

/** What an object says of all objects in it. */
export interface AggregateSource extends Source<never, readonly Member[]> {
  readonly over: MetricRow;
}

/**
 * A row about an object by those in it, such as a cluster by its machines. `over` is evaluated of each of them by the
 * batches that read; it is a metric of its own only where a collector names it. `evaluate` gets the members in the order
 * of the list, those without points included, and is not called while one of them was not read: a sum without it would be
 * another one. `isTotal`: `over` gives points of whatever is read, so a member without any, be it that its property was
 * refused, the row threw or a worker of another version sent others, counts as one that was not read.
 */
export const aggregate = (
  over: MetricRow,
  evaluate: (members: readonly Member[]) => Evaluated,
  { isTotal = false }: { readonly isTotal?: boolean } = {},
): AggregateSource => ({ reader: AGGREGATE, needs: [], over, overIsTotal: isTotal, evaluate });

/** Throws TypeError for a row whose objects contain none of those that it is made from, or that no batch reads. */
export function checkAggregate({ name, kind, source: { over } }: MetricRow): void {
  if (over === undefined) return;
  if (over.source.reader.runs !== 'read')
    throw new TypeError(`${name} is made from ${over.name}, which no batch reads from vCenter`);
  if (!containsOf(kind)) throw new TypeError(`${name}: a ${kind} contains no objects by their facts`);
}
