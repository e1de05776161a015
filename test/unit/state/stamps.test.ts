import { describe, expect, it } from 'vitest';
import { createStamps } from '../../../lib/state/stores/stamps.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const o = { signal: new AbortController().signal };
const HOUR = 3_600_000;

/** Stamps in a table, whose random ids are UUIDs, and what each change takes away. */
function start() {
  const clock = { now: 0 };
  const table = createMemoryTable();
  const removed: (readonly string[])[] = [];
  const { update } = table;
  table.update = (key, change, options) => {
    removed.push(change.remove ?? []);
    return update(key, change, options);
  };
  const stamps = createStamps({ table, randomId: () => crypto.randomUUID(), now: () => clock.now });
  return { stamps, table, clock, removed };
}

describe('a stamp', () => {
  it('is empty before the first change, and another text after each', async () => {
    const { stamps } = start();
    const texts: (string | undefined)[] = [];
    for (let changes = 0; changes < 3; changes += 1) {
      texts.push(await stamps.read('addresses', o));
      await stamps.renew('addresses', o);
    }
    expect(texts[0]).toBe('');
    expect(new Set(texts).size).toBe(3);
    expect(await stamps.read('hostkeys', o)).toBe('');
  });

  it('is none while a change is under way, and another text after it', async () => {
    const { stamps } = start();
    await stamps.renew('hostkeys', o);
    const before = await stamps.read('hostkeys', o);
    expect(await stamps.during('hostkeys', () => stamps.read('hostkeys', o), o)).toBeUndefined();
    expect(await stamps.read('hostkeys', o)).not.toBe(before);
  });

  it('has names of attributes that DynamoDB takes as they are', async () => {
    const { stamps, table } = start();
    const item = await stamps.during('hostkeys', () => table.get({ pk: 'stamps', sk: 'hostkeys' }, o), o);
    const names = Object.keys(item ?? {});
    expect(names).toHaveLength(4);
    for (const name of names) expect(name).toMatch(/^\w+$/);
  });

  it('forgets a change that was under way for more than an hour, and its own once, however long it took', async () => {
    const { stamps, clock, removed } = start();
    const broken = stamps.during('hostkeys', () => Promise.reject(new Error('it ended')), o);
    await expect(broken).rejects.toThrow('it ended');
    clock.now = HOUR - 1;
    expect(await stamps.read('hostkeys', o)).toBeUndefined();
    await stamps.during('hostkeys', async () => (clock.now += 2 * HOUR), o);
    const last = removed.at(-1) ?? [];
    expect(last).toHaveLength(2);
    expect(new Set(last).size).toBe(2);
    expect(await stamps.read('hostkeys', o)).toEqual(expect.any(String));
  });
});
