import { nearestName } from '../platform/nearest-name.ts';

/** What to say of a collector that does not exist: the one that was probably meant, or all of them. */
export function sayNoCollector(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  const what = nearest === undefined ? `known collectors: ${known.join(', ')}` : `did you mean "${nearest}"?`;
  return `there is no collector "${name}"; ${what}`;
}

/** What to say of a key that does not exist: the known key that it was probably meant to be, and all of them. */
export function sayUnknown(key: string, known: readonly string[]): string {
  const nearest = nearestName(key, known);
  const what = nearest === undefined ? 'known keys' : `did you mean "${nearest}"? Known keys`;
  return `"${key}" is unknown; ${what}: ${known.join(', ')}`;
}
