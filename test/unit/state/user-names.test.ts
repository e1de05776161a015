import { describe, expect, it } from 'vitest';
import { createUserNames } from '../../../lib/state/stores/user-names.ts';
import { createMemoryTable } from '../../integration/logins/memory-table.ts';

const o = { signal: new AbortController().signal };

/** A table whose first so many writes fail. */
function tableThatFails(times: number) {
  const memory = createMemoryTable();
  let writes = 0;
  const putIf: typeof memory.putIf = async (...args) => {
    writes += 1;
    if (writes <= times) throw new Error('the table is away');
    return memory.putIf(...args);
  };
  return { table: { ...memory, putIf }, writes: () => writes };
}

describe('the name of a user', () => {
  it('is written before what stands under it, once a process', async () => {
    const { table, writes } = tableThatFails(0);
    const names = createUserNames({ table });
    expect(await names.withName('Root', o, () => names.list(o))).toEqual(['root']);
    expect(await names.withName('root', o, async () => 'written')).toBe('written');
    expect(writes()).toBe(1);
  });

  it('is written by who waited for another one that failed: else a refusal would stand under no name', async () => {
    const { table } = tableThatFails(1);
    const names = createUserNames({ table });
    const written: string[] = [];
    const both = await Promise.allSettled(
      ['first', 'second'].map((one) => names.withName('root', o, async () => void written.push(one))),
    );
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(written).toEqual(['second']);
    expect(await names.list(o)).toEqual(['root']);
  });
});
