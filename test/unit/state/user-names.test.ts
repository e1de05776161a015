import { describe, expect, it } from 'vitest';
import { createUserNames } from '../../../lib/state/stores/user-names.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const o = { signal: new AbortController().signal };

/** A table that counts conditional writes, of which the first one waits for `first`. */
function tableThatWaits(first: Promise<void>) {
  const memory = createMemoryTable();
  let writes = 0;
  const putIf: typeof memory.putIf = async (...args) => {
    writes += 1;
    if (writes === 1) await first;
    return memory.putIf(...args);
  };
  return { table: { ...memory, putIf }, writes: () => writes };
}

describe('the name of a user', () => {
  it('is written before what stands under it, once a process', async () => {
    const { table, writes } = tableThatWaits(Promise.resolve());
    const names = createUserNames({ table });
    expect(await names.withName('Root', o, () => names.list(o))).toEqual(['root']);
    expect(await names.withName('root', o, async () => 'written')).toBe('written');
    expect(writes()).toBe(1);
  });

  it('is written by who waited for another one that failed: else a refusal would stand under no name', async () => {
    const first = Promise.withResolvers<void>();
    const { table, writes } = tableThatWaits(first.promise);
    const names = createUserNames({ table });
    const written: string[] = [];
    const write = (one: string) => names.withName('root', o, async () => void written.push(one));
    const failing = write('first');
    await expect.poll(writes).toBe(1);
    const waiting = write('second');
    first.reject(new Error('the table is away'));
    await expect(failing).rejects.toThrow('the table is away');
    await waiting;
    expect(written).toEqual(['second']);
    expect(await names.list(o)).toEqual(['root']);
  });
});
