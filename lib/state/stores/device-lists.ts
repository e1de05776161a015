import type * as z from 'zod';
import type { ChunkedValues } from '../chunked-value.ts';
import { joinKey } from '../item.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** What NetBox answered last, by a hash of what it was asked. */
export interface DeviceListStore {
  /** The answer as `schema` reads it, and when it was written, in milliseconds since the epoch: compare its age. */
  read<T>(
    hash: string,
    schema: z.ZodType<T>,
    options: Options,
  ): Promise<{ readonly readAt: number; readonly devices: T } | undefined>;
  /** Replaces the answer by any JSON value. A crash leaves the old answer or the new one, whole. */
  write(hash: string, devices: unknown, options: Options): Promise<void>;
}

export function createDeviceListStore({ values }: { values: ChunkedValues }): DeviceListStore {
  const keyOf = (hash: string) => ({
    pk: joinKey('netbox', hash),
    sk: 'meta',
    chunkPrefix: 'chunk#',
    what: `NetBox's last answer (${hash})`,
  });
  return {
    async read(hash, schema, options) {
      const read = await values.read(keyOf(hash), schema, options);
      return read && { readAt: read.writtenAt, devices: read.value };
    },
    write: (hash, devices, options) => values.write(keyOf(hash), devices, options),
  };
}
