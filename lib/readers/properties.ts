import { PROPERTIES } from '../catalogue/sources/property.ts';
import type { RetrievedObject } from '../vsphere/property/retrieved-object.ts';
import type { Reader } from './reader.ts';

/** All paths of all rows in one retrieval a type, each object as its part of the answer streams. */
export const properties: Reader<string, RetrievedObject> = {
  facts: PROPERTIES,
  async *read(paths, items, { session, signal }) {
    for (const [type, ofType] of Map.groupBy(items, (item) => item.type)) {
      const query = { type, morefs: ofType.map(({ moref }) => moref), paths: [...new Set(paths)] };
      for await (const object of session.retrieve(query, { signal })) yield [object.moref.value, object];
    }
  },
};
