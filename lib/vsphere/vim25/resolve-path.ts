import { parsePath } from './parse-path.ts';
import { loadVim25, type Vim25Property, type Vim25Type } from './vim25.ts';

/** What a path leads to, and how it is read. */
export interface ResolvedPath {
  /** The path to ask for. */
  readonly read: string;
  /** The fields below what was read, where only a subtype has them: no path reaches those. */
  readonly below: readonly string[];
  readonly type: string;
  readonly isArray: boolean;
  /** The newest version that any step of it needs. */
  readonly since: string;
}

/**
 * A path from a managed object, or with `isInside` from a data object that was read: then each type that inherits from a
 * declared one may be there. Undefined for a path that leads nowhere; `checkPropertyPath` says why. Throws
 * VspherePathError for what is no path.
 */
export function resolvePath(
  type: string,
  path: string,
  { isInside = false }: { readonly isInside?: boolean } = {},
): ResolvedPath | undefined {
  const vim25 = loadVim25();
  let here = vim25.type(type);
  let found: Vim25Property | undefined;
  let isElement = false;
  let read = '';
  let isRead = isInside;
  const below: string[] = [];
  let since = '';
  for (const [index, { name, key, written }] of parsePath(path).entries()) {
    // A path ends at an array and at a reference.
    if (found !== undefined && ((found.isArray && !isElement) || here?.kind !== 'data object'))
      return undefined;
    found = here?.properties.get(name);
    if (found === undefined && here !== undefined && (index > 0 || isInside)) {
      found = inSubtype(here, name);
      isRead = true;
    }
    if (found === undefined) return undefined;
    isElement = key !== undefined;
    // What is taken from a value has no keys.
    if (isElement && (isRead || !found.isArray)) return undefined;
    if (isRead) below.push(name);
    else read = read === '' ? written : `${read}.${written}`;
    since = newest(since, found.since);
    here = vim25.type(found.type);
  }
  if (found === undefined) return undefined;
  return { read, below, type: found.type, isArray: found.isArray && !isElement, since };
}

/** A property that only types have which inherit from the declared one. */
const inSubtype = ({ name: base }: Vim25Type, name: string): Vim25Property | undefined =>
  loadVim25()
    .subtypesOf(base)
    .find(({ properties }) => properties.has(name))
    ?.properties.get(name);

/** Of two versions such as `6.7` and `8.0.2.0`. */
export function newest(one: string, other: string): string {
  const [a, b] = [one, other].map((version) => version.split('.').map(Number));
  for (let index = 0; index < Math.max(a?.length ?? 0, b?.length ?? 0); index += 1) {
    const difference = (a?.[index] ?? 0) - (b?.[index] ?? 0);
    if (difference !== 0) return difference > 0 ? one : other;
  }
  return one;
}
