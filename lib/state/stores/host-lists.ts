import type * as z from 'zod';
import type { ChunkedValues } from '../chunked-value.ts';
import { joinKey } from '../item.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** The last complete host list of each target. */
export interface HostListStore {
  /** The list as `schema` reads it, and when it was written, in milliseconds since the epoch: compare its age. */
  read<T>(
    target: string,
    schema: z.ZodType<T>,
    options: Options,
  ): Promise<{ readonly listedAt: number; readonly hosts: T } | undefined>;
  /** Replaces the list by any JSON value. A crash leaves the old list or the new one, whole. */
  write(target: string, hosts: unknown, options: Options): Promise<void>;
}

export function createHostListStore({ values }: { values: ChunkedValues }): HostListStore {
  const keyOf = (target: string) => ({
    pk: joinKey('target', target),
    sk: 'hosts',
    chunkPrefix: 'hosts#',
    what: `The host list of ${target}`,
  });
  return {
    async read(target, schema, options) {
      const read = await values.read(keyOf(target), schema, options);
      return read && { listedAt: read.writtenAt, hosts: read.value };
    },
    write: (target, hosts, options) => values.write(keyOf(target), hosts, options),
  };
}
