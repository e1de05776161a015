import type * as z from 'zod';
import type { ChunkedValues } from '../chunked-value.ts';
import { joinKey } from '../item.ts';
import type { Table } from '../port.ts';
import type { Group } from './groups.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** The series of a group that a destination has which replaces nothing by itself. */
export interface SeriesListStore {
  /** The list as `schema` reads it. */
  read<T>(group: Group, schema: z.ZodType<T>, options: Options): Promise<T | undefined>;
  /** Replaces the list by any JSON value. A crash leaves the old list or the new one, whole. */
  write(group: Group, list: unknown, options: Options): Promise<void>;
  /** A crash leaves the list, or chunks that nothing reads, until this is called again. */
  remove(group: Group, options: Options): Promise<void>;
}

export function createSeriesListStore({
  table,
  values,
}: {
  table: Table;
  values: ChunkedValues;
}): SeriesListStore {
  const keyOf = ({ job, instance }: Group) => ({
    pk: joinKey('series', job, instance),
    sk: 'meta',
    chunkPrefix: 'chunk#',
    what: `The list of series of ${job} on ${instance}`,
  });
  return {
    read: async (group, schema, options) => (await values.read(keyOf(group), schema, options))?.value,
    write: (group, list, options) => values.write(keyOf(group), list, options),
    async remove(group, options) {
      const { pk, sk } = keyOf(group);
      const all = await table.query({ pk, only: ['pk', 'sk'] }, options);
      // First what names the others.
      await table.writeAll([{ delete: { pk, sk } }], options);
      const deletions = all.filter((item) => item.sk !== sk).map((item) => ({ delete: item }));
      await table.writeAll(deletions, options);
    },
  };
}
