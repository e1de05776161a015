import { PROPERTIES } from '../catalogue/sources/property.ts';
import { isInvalidProperty } from '../vsphere/errors.ts';
import type { RetrievedObject } from '../vsphere/property/retrieved-object.ts';
import { outermost, withNested } from './nested-paths.ts';
import type { Reader, ReadSession } from './reader.ts';

/** All paths of all rows in one retrieval a type, each object as its part of the answer streams. */
export const properties: Reader<string, RetrievedObject> = {
  facts: PROPERTIES,
  async *read(paths, items, { session, signal }) {
    const all = [...new Set(paths)];
    const asIfAsked = withNested(all);
    for (const [type, ofType] of Map.groupBy(items, (item) => item.type)) {
      const query = { type, morefs: ofType.map(({ moref }) => moref), paths: outermost(all) };
      for await (const object of retrieveKnown(session, query, { signal }))
        yield [object.moref.value, asIfAsked(object)];
    }
  },
};

/**
 * One path that the server does not know is a fault for all objects, before any comes (InvalidProperty): an older vCenter
 * lacks what newer ones have. That path is left out and the others are asked for again; it is missing of each object. Each
 * repeat is without a path, so there are at most as many as paths.
 */
async function* retrieveKnown(
  session: ReadSession,
  query: Parameters<ReadSession['retrieve']>[0],
  options: { signal: AbortSignal },
): AsyncGenerator<RetrievedObject, void, undefined> {
  let { paths } = query;
  const unknown = new Map<string, string>();
  for (;;) {
    let isAnswered = false;
    try {
      for await (const object of session.retrieve({ ...query, paths }, options)) {
        isAnswered = true;
        yield unknown.size === 0 ? object : { ...object, missing: new Map([...object.missing, ...unknown]) };
      }
      return;
    } catch (error) {
      const refused = isAnswered ? [] : refusedOf(error, paths);
      if (refused.length === 0) throw error;
      for (const path of refused) unknown.set(path, 'InvalidProperty');
      paths = paths.filter((path) => !unknown.has(path));
    }
  }
}

/** Of `paths` those that the fault is about: the path that it names, or what is below that. An object's name is no choice. */
function refusedOf(error: unknown, paths: readonly string[]): readonly string[] {
  if (!isInvalidProperty(error)) return [];
  const named = error.fields.get('name') ?? '';
  if (named === 'name') return [];
  return paths.filter(
    (path) => path === named || path.startsWith(`${named}.`) || path.startsWith(`${named}[`),
  );
}
