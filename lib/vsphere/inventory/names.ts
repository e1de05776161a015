import { type RetrievalSession, retrieveObjects } from '../property/retrieval.ts';
import type { MoRef } from '../property/retrieved-object.ts';
import { textOf } from '../property/value-fields.ts';

/** vSphere writes `/`, `\` and `%` in names as `%2f`, `%5c` and `%25`, and nothing else. */
export function decodeName(name: string): string {
  return name.replace(/%(?:2f|5c|25)/gi, decodeURIComponent);
}

/**
 * The names of objects by the values of their references, one call for each type among them. One that is gone or
 * that the account may not read has none. `path` is where the name stands, `name` by default.
 */
export async function readNames(
  session: RetrievalSession,
  { morefs, path = 'name' }: { morefs: readonly MoRef[]; path?: string },
  { signal }: { signal: AbortSignal },
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const [type, ofType] of Map.groupBy(morefs, (moref) => moref.type)) {
    const values = [...new Set(ofType.map(({ value }) => value))];
    for await (const object of retrieveObjects(
      session,
      { type, morefs: values, paths: [path] },
      { signal },
    )) {
      const name = textOf(object.properties.get(path));
      if (name !== undefined) names.set(object.moref.value, decodeName(name));
    }
  }
  return names;
}
