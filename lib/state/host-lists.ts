import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { restlessItem } from './errors.ts';
import { type Item, joinKey, malformedItem, parseItem } from './item.ts';
import { packJson, unpackJson } from './packed-json.ts';
import type { Table } from './table.ts';

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

/** Below DynamoDB's 400 KB an item. */
const CHUNK_BYTES = 350_000;
/** 350 MB of compressed list; a count beyond it was not written by us. */
const MAX_CHUNKS = 1_000;
const MAX_LOOKS = 3;
/** How long a writer may take between its chunks and the `hosts` item that names them. */
const ORPHAN_MS = 60 * 60_000;

const metaItem = z.object({
  generation: z.string(),
  chunks: z.int().min(1).max(MAX_CHUNKS),
  listedAt: z.number(),
});
const chunkItem = z.object({ bytes: z.instanceof(Uint8Array) });
const chunkKeyItem = z.object({ sk: z.string(), generation: z.string(), writtenAt: z.number() });

/**
 * A list is the item `hosts`, which names a generation, and that generation's chunks `hosts#<generation>#<n>`. Chunks
 * are written first, then `hosts`, then the chunks it named before are deleted, and those that a writer left an hour
 * ago when it died.
 */
export function createHostListStore(deps: {
  table: Table;
  now: () => number;
  randomId?: () => string;
}): HostListStore {
  const { table, now, randomId = randomUUID } = deps;
  return {
    async read(target, schema, options) {
      const pk = joinKey('target', target);
      for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
        const item = await table.get({ pk, sk: 'hosts' }, options);
        if (item === undefined) return undefined;
        const { generation, chunks, listedAt } = parseItem(metaItem, item);
        const parts = await table.query({ pk, skPrefix: `hosts#${generation}#` }, options);
        if (parts.length === chunks)
          return { listedAt, hosts: parseHosts(schema, await unpack(parts, item), item) };
      }
      throw restlessItem(`The host list of ${target}`);
    },
    async write(target, hosts, options) {
      const pk = joinKey('target', target);
      const generation = randomId();
      const writtenAt = now();
      const parts = split(await packJson(hosts));
      const chunks = parts.map((bytes, n) => ({
        put: { pk, sk: `hosts#${generation}#${String(n).padStart(4, '0')}`, generation, writtenAt, bytes },
      }));
      await table.writeAll(chunks, options);
      const meta = { pk, sk: 'hosts', generation, chunks: parts.length, listedAt: now() };
      const replaced = metaItem.safeParse(await table.replace(meta, options));
      const isStale = (chunk: z.infer<typeof chunkKeyItem>) =>
        chunk.generation === replaced.data?.generation || chunk.writtenAt < now() - ORPHAN_MS;
      const all = await table.query(
        { pk, skPrefix: 'hosts#', only: ['pk', 'sk', 'generation', 'writtenAt'] },
        options,
      );
      const stale = all.filter(
        (item) => item.generation !== generation && isStale(parseItem(chunkKeyItem, item)),
      );
      await table.writeAll(
        stale.map((item) => ({ delete: item })),
        options,
      );
    },
  };
}

function split(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    parts.push(bytes.subarray(start, start + CHUNK_BYTES));
  }
  return parts;
}

async function unpack(parts: readonly Item[], meta: Item): Promise<unknown> {
  const bytes = Buffer.concat(parts.map((part) => parseItem(chunkItem, part).bytes));
  try {
    return await unpackJson(bytes);
  } catch {
    throw malformedItem(meta, 'its chunks are not compressed JSON');
  }
}

function parseHosts<T>(schema: z.ZodType<T>, hosts: unknown, { pk, sk }: Item): T {
  return parseItem(z.object({ hosts: schema }), { pk, sk, hosts }).hosts as T;
}
