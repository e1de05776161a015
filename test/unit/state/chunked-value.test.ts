import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createChunkedValues } from '../../../lib/state/chunked-value.ts';
import type { QueryOfItems, Table } from '../../../lib/state/port.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const o = { signal: new AbortController().signal };
const T0 = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const KEY = { pk: 'p', sk: 'meta', chunkPrefix: 'chunk#', what: 'The thing' };
const schema = z.array(z.string());

/** Values in a table that notes how it is read, at a time that the test sets. */
function start() {
  const memory = createMemoryTable();
  const reads: unknown[] = [];
  const world = { now: T0, reads, hideChunks: false };
  const table: Table = {
    ...memory,
    get: (key, options) => {
      reads.push('head');
      return memory.get(key, options);
    },
    query: async (from: QueryOfItems, options) => {
      reads.push(options.eventual === true ? 'eventual' : 'consistent');
      return world.hideChunks ? [] : await memory.query(from, options);
    },
  };
  let made = 0;
  const randomId = () => {
    made += 1;
    return `g${made}`;
  };
  const values = createChunkedValues({ table, now: () => world.now, randomId });
  const keys = async () => (await memory.query({ pk: 'p' }, o)).map(({ sk }) => sk);
  return { memory, world, values, keys };
}

describe('a value in chunks', () => {
  it('is read as it may be late at first, and as it is when chunks are missing', async () => {
    const { values, world } = start();
    await values.write(KEY, ['a'], o);
    world.reads.length = 0;
    expect(await values.read(KEY, schema, o)).toEqual({ writtenAt: T0, value: ['a'] });
    expect(world.reads).toEqual(['head', 'eventual']);
    world.reads.length = 0;
    world.hideChunks = true;
    await expect(values.read(KEY, schema, o)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'The thing kept changing in the state table while it was updated. Try again.',
    });
    expect(world.reads).toEqual(['head', 'eventual', 'head', 'consistent', 'head', 'consistent']);
  });

  it('keeps its own chunks where the process stood for two hours while it wrote', async () => {
    const { memory, world } = start();
    const paused: Table = {
      ...memory,
      replace: async (item, options) => {
        const replaced = await memory.replace(item, options);
        world.now += 2 * HOUR;
        return replaced;
      },
    };
    const values = createChunkedValues({ table: paused, now: () => world.now, randomId: () => 'g1' });
    await values.write(KEY, ['a'], o);
    const others = createChunkedValues({ table: memory, now: () => world.now, randomId: () => 'g2' });
    expect(await others.read(KEY, schema, o)).toEqual({ writtenAt: T0, value: ['a'] });
  });

  it('leaves the chunks of another writer for an hour, and not a moment longer', async () => {
    const { memory, values, world, keys } = start();
    const orphan = {
      pk: 'p',
      sk: 'chunk#dead#0000',
      generation: 'dead',
      writtenAt: T0,
      bytes: new Uint8Array(1),
    };
    await memory.replace(orphan, o);
    world.now = T0 + HOUR;
    await values.write(KEY, ['a'], o);
    expect(await keys()).toEqual(['chunk#dead#0000', 'chunk#g1#0000', 'meta']);
    world.now += 1;
    await values.write(KEY, ['b'], o);
    expect(await keys()).toEqual(['chunk#g2#0000', 'meta']);
  });

  it('that is the same is given another time, by who wrote it and by who read it, and nothing else', async () => {
    const { memory, values, world, keys } = start();
    await values.write(KEY, ['a'], o);
    world.now += 1;
    await values.write(KEY, ['a'], o);
    expect(await keys()).toEqual(['chunk#g1#0000', 'meta']);
    expect(await values.read(KEY, schema, o)).toEqual({ writtenAt: T0 + 1, value: ['a'] });
    // What is known of one key does not hold of another, and is not forgotten over it.
    const other = { ...KEY, sk: 'other', chunkPrefix: 'others#' };
    await values.write(other, ['a'], o);
    await values.write(other, ['b'], o);
    await values.write(KEY, ['a'], o);
    expect(await keys()).toEqual(['chunk#g1#0000', 'meta', 'other', 'others#g4#0000']);
    // Somebody else replaced it meanwhile.
    await memory.replace({ pk: 'p', sk: 'meta', generation: 'x', chunks: 1, writtenAt: T0 }, o);
    await values.write(KEY, ['a'], o);
    expect(await keys()).toContain('chunk#g6#0000');
    expect((await values.read(KEY, schema, o))?.value).toEqual(['a']);
  });

  it('is not known any more to who could not read it', async () => {
    const { memory, values } = start();
    await values.write(KEY, ['a'], o);
    const [chunk] = await memory.query({ pk: 'p', skPrefix: 'chunk#' }, o);
    if (chunk === undefined) throw new RangeError('no chunk');
    await memory.replace({ ...chunk, bytes: new Uint8Array([1]) }, o);
    await expect(values.read(KEY, schema, o)).rejects.toMatchObject({
      code: 'malformed',
      message: expect.stringContaining('pk="p" sk="meta"'),
    });
    await expect(values.read(KEY, schema, o)).rejects.toThrow('its chunks are not compressed JSON');
    await values.write(KEY, ['a'], o);
    expect((await values.read(KEY, schema, o))?.value).toEqual(['a']);
  });

  it('says where it is not what the reader expects', async () => {
    const { values } = start();
    await values.write(KEY, ['a', 7], o);
    await expect(values.read(KEY, schema, o)).rejects.toThrow('value.1: ');
  });

  it.each([
    ['no chunk', { chunks: 0 }],
    ['more chunks than anybody writes', { chunks: 1_001 }],
    ['no generation', { generation: undefined }],
  ])('is malformed with %s', async (_what, part) => {
    const { memory, values } = start();
    await memory.replace({ pk: 'p', sk: 'meta', generation: 'g', chunks: 1, writtenAt: T0, ...part }, o);
    await expect(values.read(KEY, schema, o)).rejects.toMatchObject({ code: 'malformed' });
  });

  it('may have 1,000 chunks, in their order', async () => {
    const { memory, values } = start();
    await values.write(KEY, ['a'.repeat(2_000)], o);
    const [chunk] = await memory.query({ pk: 'p', skPrefix: 'chunk#' }, o);
    const bytes = chunk?.['bytes'] as Uint8Array;
    const parts = Array.from({ length: 1_000 }, (_, n) => bytes.subarray(n, n === 999 ? undefined : n + 1));
    await memory.writeAll(
      parts.map((part, n) => ({
        put: {
          pk: 'p',
          sk: `chunk#g1#${String(n).padStart(4, '0')}`,
          generation: 'g1',
          writtenAt: T0,
          bytes: part,
        },
      })),
      o,
    );
    await memory.replace({ pk: 'p', sk: 'meta', generation: 'g1', chunks: 1_000, writtenAt: T0 }, o);
    expect((await values.read(KEY, schema, o))?.value).toEqual(['a'.repeat(2_000)]);
  });
});
