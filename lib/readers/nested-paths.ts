import type { RetrievedObject } from '../vsphere/property/retrieved-object.ts';
import { fieldOf } from '../vsphere/property/value-fields.ts';

/**
 * Paths without those below another one of them: `summary.totalCpu` comes with `summary`. A collector reads a data object
 * whole where its fields are those of a subtype, which no path reaches, and others read its fields.
 */
export const outermost = (paths: readonly string[]): string[] =>
  paths.filter((path) => outerOf(path, paths) === undefined);

const outerOf = (path: string, paths: readonly string[]): string | undefined =>
  paths.find((one) => path.startsWith(`${one}.`) && !path.slice(one.length).includes('['));

/**
 * Makes an object as if each of `paths` had been asked for: what was read with another one is there under its own path. Which
 * comes with which is found once, for all objects of a batch.
 */
export function withNested(paths: readonly string[]): (object: RetrievedObject) => RetrievedObject {
  const asked = outermost(paths);
  const nested = paths.flatMap((path) => {
    const outer = outerOf(path, asked);
    return outer === undefined ? [] : [{ path, outer, steps: path.slice(outer.length + 1).split('.') }];
  });
  if (nested.length === 0) return (object) => object;
  return (object) => {
    const properties = new Map(object.properties);
    const missing = new Map(object.missing);
    for (const { path, outer, steps } of nested) {
      const fault = object.missing.get(outer);
      if (fault !== undefined) missing.set(path, fault);
      const value = steps.reduce(fieldOf, object.properties.get(outer));
      if (value !== undefined) properties.set(path, value);
    }
    return { ...object, properties, missing };
  };
}
