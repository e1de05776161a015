import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Condition } from './conditions.ts';
import { restlessItem } from './errors.ts';
import { type Item, malformedItem, parseItem } from './item.ts';
import { type ItemSeals, UNSEALED, unsealedItem } from './item-seals.ts';
import { packJson, unpackJson } from './packed-json.ts';
import type { Table } from './port.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** Where a value lies: `sk` is the item that names its chunks, which are `<chunkPrefix><generation>#<n>`. */
export interface ChunkedKey {
  readonly pk: string;
  readonly sk: string;
  readonly chunkPrefix: string;
  /** For messages, such as `The host list of vc01`. */
  readonly what: string;
}

/** Values that do not fit into one item. */
export interface ChunkedValues {
  /**
   * The value as `schema` reads it, and when it was written, in milliseconds since the epoch: compare its age. With seals
   * StateError `malformed` for one that does not verify.
   */
  read<T>(
    key: ChunkedKey,
    schema: z.ZodType<T>,
    options: Options,
  ): Promise<{ readonly writtenAt: number; readonly value: T } | undefined>;
  /**
   * Replaces the value by any JSON value. A crash leaves the old value or the new one, whole. Of one that this process
   * read or wrote last, and that is the same, only the time is written.
   */
  write(key: ChunkedKey, value: unknown, options: Options): Promise<void>;
}

/** Below DynamoDB's 400 KB an item. */
const CHUNK_BYTES = 350_000;
/** 350 MB of compressed value; a count beyond it was not written by us. */
const MAX_CHUNKS = 1_000;
const MAX_LOOKS = 3;
/** How long a writer may take between its chunks and the item that names them. */
const ORPHAN_MS = 60 * 60_000;

const headItem = z.object({
  generation: z.string(),
  chunks: z.int().min(1).max(MAX_CHUNKS),
  writtenAt: z.number(),
});
const chunkItem = z.object({ bytes: z.instanceof(Uint8Array) });
const chunkKeyItem = z.object({ sk: z.string(), generation: z.string(), writtenAt: z.number() });

/**
 * A value is an item that names a generation, and that generation's chunks, compressed. Chunks are written first,
 * then the item, then the chunks it named before are deleted, and those that a writer left an hour ago when it died.
 */
export function createChunkedValues(deps: {
  table: Table;
  now: () => number;
  randomId: () => string;
  seals?: ItemSeals;
}): ChunkedValues {
  const { table, now, randomId, seals = UNSEALED } = deps;
  /** What this process knows to stand in the table, whole. */
  const known = new Map<string, Known>();
  const idOf = ({ pk, sk }: ChunkedKey) => JSON.stringify([pk, sk]);
  /** Gives the value that stands there another time; false when it is not the known one any more. */
  const renew = async (key: ChunkedKey, bytes: Uint8Array, options: Options): Promise<boolean> => {
    const there = known.get(idOf(key));
    if (there === undefined || there.digest !== digestOf(bytes)) return false;
    const { generation, chunks } = there;
    const head = { pk: key.pk, sk: key.sk, generation, writtenAt: now() };
    const seal = await seals.attributeFor(sealedParts(head, bytes), options);
    const isThere: Condition = { equals: ['generation', generation] };
    return await table.putIf(isThere, { ...head, chunks, ...seal }, options);
  };
  return {
    async read(key, schema, options) {
      const { pk, sk, chunkPrefix, what } = key;
      known.delete(idOf(key));
      for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
        const item = await table.get({ pk, sk }, options);
        if (item === undefined) return undefined;
        const { generation, chunks, writtenAt } = parseItem(headItem, item);
        // Chunks of a generation never change: they are there, or not there yet.
        const eventual = looks === 0;
        const from = { pk, skPrefix: `${chunkPrefix}${generation}#` };
        const parts = await table.query(from, { ...options, eventual });
        if (parts.length !== chunks) continue;
        const bytes = Buffer.concat(parts.map((part) => parseItem(chunkItem, part).bytes));
        const isSealed = await seals.check(options);
        if (!isSealed(item, sealedParts({ pk, sk, generation, writtenAt }, bytes))) throw unsealedItem(item);
        const value = parseValue(schema, await unpack(bytes, item), item);
        known.set(idOf(key), { generation, chunks, digest: digestOf(bytes) });
        return { writtenAt, value };
      }
      throw restlessItem(what);
    },
    async write(key, value, options) {
      const { pk, sk, chunkPrefix } = key;
      const generation = randomId();
      const begunAt = now();
      const bytes = await packJson(value);
      if (await renew(key, bytes, options)) return;
      const parts = split(bytes);
      const chunks = parts.map((part, n) => ({
        put: {
          pk,
          sk: `${chunkPrefix}${generation}#${String(n).padStart(4, '0')}`,
          generation,
          writtenAt: begunAt,
          bytes: part,
        },
      }));
      await table.writeAll(chunks, options);
      const head = { pk, sk, generation, writtenAt: now() };
      const seal = await seals.attributeFor(sealedParts(head, bytes), options);
      const replaced = headItem.safeParse(
        await table.replace({ ...head, chunks: parts.length, ...seal }, options),
      );
      known.set(idOf(key), { generation, chunks: parts.length, digest: digestOf(bytes) });
      const isStale = (chunk: z.infer<typeof chunkKeyItem>) =>
        chunk.generation === replaced.data?.generation || chunk.writtenAt < now() - ORPHAN_MS;
      const all = await table.query(
        { pk, skPrefix: chunkPrefix, only: ['pk', 'sk', 'generation', 'writtenAt'] },
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

/** Of one value: its chunks, and what they are together. */
interface Known {
  readonly generation: string;
  readonly chunks: number;
  readonly digest: string;
}

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64');

function split(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    parts.push(bytes.subarray(start, start + CHUNK_BYTES));
  }
  return parts;
}

/** One seal over the whole value, with its key and when it was written. */
const sealedParts = (
  { pk, sk, generation, writtenAt }: { pk: string; sk: string; generation: string; writtenAt: number },
  bytes: Uint8Array,
) => [pk, sk, generation, String(writtenAt), bytes];

async function unpack(bytes: Uint8Array, head: Item): Promise<unknown> {
  try {
    return await unpackJson(bytes);
  } catch {
    throw malformedItem(head, 'its chunks are not compressed JSON');
  }
}

function parseValue<T>(schema: z.ZodType<T>, value: unknown, { pk, sk }: Item): T {
  return parseItem(z.object({ value: schema }), { pk, sk, value }).value as T;
}
