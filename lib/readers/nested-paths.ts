import type { PropertyValue, RetrievedObject } from '../vsphere/property/retrieved-object.ts';
import { fieldOf } from '../vsphere/property/value-fields.ts';

/**
 * Paths without those below another one of them: `summary.totalCpu` comes with `summary`. A collector reads a data object
 * whole where its fields are those of a subtype, which no path reaches, and others read its fields.
 */
export const outermost = (paths: readonly string[]): string[] =>
  paths.filter((path) => outerOf(path, paths) === undefined);

const outerOf = (path: string, paths: readonly string[]): string | undefined =>
  paths.find((one) => path.startsWith(`${one}.`) && !path.slice(one.length).includes('['));

/** An object as if each of `paths` had been asked for: what was read with another one is there under its own path. */
export function withNested(object: RetrievedObject, paths: readonly string[]): RetrievedObject {
  const asked = outermost(paths);
  if (asked.length === paths.length) return object;
  const properties = new Map(object.properties);
  const missing = new Map(object.missing);
  for (const path of paths) {
    const outer = outerOf(path, asked);
    if (outer === undefined) continue;
    const fault = object.missing.get(outer);
    if (fault !== undefined) missing.set(path, fault);
    const value = valueBelow(object.properties.get(outer), path.slice(outer.length + 1));
    if (value !== undefined) properties.set(path, value);
  }
  return { ...object, properties, missing };
}

const valueBelow = (value: PropertyValue | undefined, path: string): PropertyValue | undefined =>
  path.split('.').reduce(fieldOf, value);
