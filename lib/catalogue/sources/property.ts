import { NO_PERMISSION } from '../../vsphere/errors.ts';
import type { PropertyValue, RetrievedObject } from '../../vsphere/property/retrieved-object.ts';
import { listOf } from '../../vsphere/property/value-fields.ts';
import { type Evaluated, NOTHING, type Point, type ReaderFacts, type Source } from '../row.ts';
import type { Conversion } from './conversions.ts';

/** Leaf property paths of the item itself. */
export const PROPERTIES: ReaderFacts = { name: 'properties', runs: 'read' };

/** What was read of an item; what could not be is among `missing`. */
export type PropertyReading = Pick<RetrievedObject, 'moref' | 'properties' | 'missing'>;
type PropertySource = Source<string, PropertyReading>;

/** One property that vSphere always sets: a missing value is a warning. */
export const property = (path: string, conversion: Conversion): PropertySource =>
  converted(path, conversion, (missing) => unreadable([path], missing));

/** One property that may be unset. That is no point, or the one that another tool has for it, and no fault. */
export const optional = (
  path: string,
  conversion: Conversion,
  unset: readonly Point[] = NOTHING.points,
): PropertySource => ({
  ...converted(path, conversion, (missing) =>
    missing.has(path) ? unreadable([path], missing) : { points: unset, warnings: [] },
  ),
  reads: readsOf(path, conversion, true),
});

/** A point an element of an array that may be unset; none for an element of which `toPoint` makes nothing. */
export const each = (path: string, toPoint: (element: PropertyValue) => Point | undefined): PropertySource =>
  optional(path, {
    as: 'array',
    toPoints: (value) =>
      Array.isArray(value) ? listOf(value).flatMap((one) => toPoint(one) ?? []) : undefined,
    expected: 'arrays',
  });

/** Code over several properties, where a path cannot say it. The code itself warns of what could not be read. */
export const derived = (
  paths: readonly string[],
  evaluate: (reading: PropertyReading) => Evaluated,
): PropertySource => ({ reader: PROPERTIES, needs: paths, evaluate });

/** Points from several properties; each one that was denied is a warning. */
export const computed = (
  paths: readonly string[],
  toPoints: (get: (path: string) => PropertyValue | undefined) => readonly Point[],
): PropertySource =>
  derived(paths, ({ properties, missing }) => {
    const denied = paths.filter((path) => missing.has(path));
    return denied.length > 0
      ? unreadable(denied, missing)
      : { points: toPoints((path) => properties.get(path)), warnings: [] };
  });

/** Points only while a property has that value: of other items vSphere has old values, or none. */
export const when = (path: string, word: string, source: PropertySource): PropertySource => ({
  ...source,
  needs: [path, ...source.needs.filter((one) => one !== path)],
  when: [`${path} is ${word}`, ...(source.when === undefined ? [] : [source.when])].join(' and '),
  evaluate(reading) {
    if (reading.missing.has(path)) return unreadable([path], reading.missing);
    return reading.properties.get(path) === word ? source.evaluate(reading) : NOTHING;
  },
});

export const whilePoweredOn = (source: PropertySource): PropertySource =>
  when('runtime.powerState', 'poweredOn', source);

/** Of a host that is not connected, and of its machines, vCenter keeps what it last knew. */
export const whileConnected = (source: PropertySource): PropertySource =>
  when('runtime.connectionState', 'connected', source);

const readsOf = (path: string, { as, words }: Conversion, isOptional: boolean) => ({
  path,
  as,
  isOptional,
  ...(words === undefined ? {} : { words }),
});

const converted = (
  path: string,
  conversion: Conversion,
  withoutValue: (missing: PropertyReading['missing']) => Evaluated,
): PropertySource => ({
  reader: PROPERTIES,
  needs: [path],
  reads: readsOf(path, conversion, false),
  evaluate({ properties, missing }) {
    const value = properties.get(path);
    if (value === undefined) return withoutValue(missing);
    const points = conversion.toPoints(value);
    return points === undefined
      ? { points: [], warnings: [`${path} is none of ${conversion.expected}`] }
      : { points, warnings: [] };
  },
});

/** No points, and why: what the account may not read is one privilege that it lacks, however many paths that are. */
export function unreadable(paths: readonly string[], missing: PropertyReading['missing']): Evaluated {
  const [denied = [], others = []] = [true, false].map((isDenied) =>
    paths.filter((path) => (missing.get(path) === NO_PERMISSION) === isDenied),
  );
  return {
    points: [],
    warnings: others.map(
      (path) => `${path} could not be read: ${missing.get(path) ?? 'vCenter sent no value'}`,
    ),
    ...(denied.length === 0 ? {} : { lacks: ['System.Read'] }),
  };
}
