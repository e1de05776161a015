import type { RetrievalSession } from '../property/retrieval.ts';
import { retrieveReferred } from '../property/retrieve-referred.ts';
import type { MoRef } from '../property/retrieved-object.ts';
import { textOf } from '../property/value-fields.ts';

/** vSphere writes `/`, `\` and `%` in names as `%2f`, `%5c` and `%25`, and nothing else. */
export function decodeName(name: string): string {
  return name.replace(/%(?:2f|5c|25)/gi, decodeURIComponent);
}

/**
 * The names of objects as vSphere writes them, by the values of their references. One that is gone or that the account
 * may not read has none. `path` is where the name stands, `name` by default.
 */
export async function readNames(
  session: RetrievalSession,
  { morefs, path = 'name' }: { morefs: readonly MoRef[]; path?: string },
  { signal }: { signal: AbortSignal },
): Promise<ReadonlyMap<string, string>> {
  const objects = await retrieveReferred(session, { morefs, paths: [path] }, { signal });
  return new Map(
    objects.flatMap(({ moref, properties }) => {
      const name = textOf(properties.get(path));
      return name === undefined ? [] : [[moref.value, name]];
    }),
  );
}
