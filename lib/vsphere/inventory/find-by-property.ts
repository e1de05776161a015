import type { RetrievalSession } from '../property/retrieval.ts';
import { retrieveByView } from '../property/retrieve-by-view.ts';
import type { RetrievedObject } from '../property/retrieved-object.ts';
import { textOf } from '../property/value-fields.ts';
import { decodeName } from './names.ts';

/**
 * The first object of a type whose property has this text, with the other paths that were asked for: one view and one
 * paged retrieval, left at the match. For names, and for what the search index does not know, such as the `info.url`
 * of a datastore. Names are compared as people write them, `a/b` and not `a%2fb`.
 */
export async function findByProperty(
  session: RetrievalSession,
  { type, path, text, paths = [] }: { type: string; path: string; text: string; paths?: readonly string[] },
  { signal }: { signal: AbortSignal },
): Promise<RetrievedObject | undefined> {
  const spec = { type, paths: [...new Set([path, ...paths])] };
  for await (const object of retrieveByView(session, [spec], { signal })) {
    const found = textOf(object.properties.get(path));
    if (found !== undefined && (path === 'name' ? decodeName(found) : found) === text) return object;
  }
  return undefined;
}
