import { loadVim25, type Vim25, type Vim25Property, type Vim25Type } from './vim25.ts';

/**
 * The property paths of a type that begin as `written`, up to the end of its last segment, in order. When only one
 * property begins so and it is a data object, its own properties come as well. Elements of arrays are not named: which
 * keys there are, only a vCenter knows. Of a data object these are its fields, for a path into it is one of the
 * managed object that has it.
 */
export function completePath(type: string, written: string): readonly string[] {
  const vim25 = loadVim25();
  const segments = written.split('.');
  const begun = segments.pop() ?? '';
  let here = vim25.type(type);
  const goesDeeper = here?.kind === 'managed object';
  for (const segment of segments) {
    const property = here?.properties.get(segment);
    here = goesDeeper && property !== undefined ? dataObjectOf(property, vim25) : undefined;
  }
  const found = propertiesOf(here).filter(({ name }) => name.startsWith(begun));
  const paths = found.map(({ name }) => [...segments, name].join('.'));
  const [only, ...others] = found;
  if (only === undefined || others.length > 0 || !goesDeeper) return paths;
  return paths.flatMap((path) => [
    path,
    ...propertiesOf(dataObjectOf(only, vim25)).map(({ name }) => `${path}.${name}`),
  ]);
}

function propertiesOf(type: Vim25Type | undefined): readonly Vim25Property[] {
  return Array.from(type?.properties.values() ?? []).sort((one, other) => (one.name < other.name ? -1 : 1));
}

function dataObjectOf({ type, isArray }: Vim25Property, vim25: Vim25): Vim25Type | undefined {
  const found = isArray ? undefined : vim25.type(type);
  return found?.kind === 'data object' ? found : undefined;
}
