import { describe, expect, it } from 'vitest';
import { createIndexEntries } from '../../../lib/state/stores/index-entries.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const o = { signal: new AbortController().signal };
const ENTRY = { pk: 'index', sk: 'a', name: 'a' };

/** A table in whose place another one may come. */
function startTable() {
  const table = { ...createMemoryTable(), generation: 1 };
  const replace = () => {
    table.generation += 1;
    Object.assign(table, { ...createMemoryTable(), generation: table.generation });
  };
  return { table, replace, read: () => table.get(ENTRY, o) };
}

describe('an entry of an index', () => {
  it('is written again where another table came in the place of the one that had it', async () => {
    const { table, replace, read } = startTable();
    const entries = createIndexEntries({ table });
    await entries.withEntry(ENTRY, o, async () => undefined);
    replace();
    await entries.withEntry(ENTRY, o, async () => undefined);
    expect(await read()).toEqual(ENTRY);
  });

  it('is written again where another table came with the write that it is for', async () => {
    const { table, replace, read } = startTable();
    const entries = createIndexEntries({ table });
    await entries.withEntry(ENTRY, o, async () => replace());
    expect(await read()).toEqual(ENTRY);
  });

  it('that is renewed is written once until it is old, and again from then on', async () => {
    const { table, read } = startTable();
    const clock = { now: 7 };
    const entries = createIndexEntries({ table, renewal: { everyMs: 100, now: () => clock.now } });
    const writtenAt = async (now: number) => {
      clock.now = now;
      await entries.withEntry(ENTRY, o, async () => undefined);
      return (await read())?.['at'];
    };
    expect([await writtenAt(7), await writtenAt(106), await writtenAt(107)]).toEqual([7, 7, 107]);
  });

  it('is tried again after it failed, and what it is for is not written without it', async () => {
    const { table, read } = startTable();
    const { putIf } = table;
    table.putIf = () => Promise.reject(new Error('the table is away'));
    const entries = createIndexEntries({ table });
    const written: string[] = [];
    const write = async () => void written.push('written');
    await expect(entries.withEntry(ENTRY, o, write)).rejects.toThrow('the table is away');
    expect(written).toEqual([]);
    table.putIf = putIf;
    await entries.withEntry(ENTRY, o, write);
    expect([written, await read()]).toEqual([['written'], ENTRY]);
  });
});
