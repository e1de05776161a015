import type { PropertyValue, RetrievedObject } from '../../vsphere/property/retrieved-object.ts';
import type { Evaluated, Point, ReaderFacts, Source } from '../row.ts';

/** Leaf property paths of the item itself. */
export const PROPERTIES: ReaderFacts = { name: 'properties', runs: 'read' };

/** What was read of an item; what could not be is among `missing`. */
export type PropertyReading = Pick<RetrievedObject, 'properties' | 'missing'>;

/**
 * One property that vSphere always sets. `toPoints` gives no points for a value that is none of the metric's, and
 * undefined for one that vSphere does not know, of which `expected` says what it knows.
 */
export const property = (
  path: string,
  {
    toPoints,
    expected,
  }: { toPoints: (value: PropertyValue) => readonly Point[] | undefined; expected: string },
): Source<string, PropertyReading> =>
  derived([path], ({ properties, missing }) => {
    const value = properties.get(path);
    if (value === undefined) return { points: [], warnings: [unreadable(path, missing)] };
    const points = toPoints(value);
    return points === undefined
      ? { points: [], warnings: [`${path} is none of ${expected}`] }
      : { points, warnings: [] };
  });

/** Code over several properties, where a path cannot say it. */
export const derived = (
  paths: readonly string[],
  evaluate: (reading: PropertyReading) => Evaluated,
): Source<string, PropertyReading> => ({ reader: PROPERTIES, needs: paths, evaluate });

const unreadable = (path: string, missing: PropertyReading['missing']): string =>
  `${path} could not be read: ${missing.get(path) ?? 'vCenter sent no value'}`;
