import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSessionLimit } from '../../../lib/vsphere/session/session-limit.ts';

const { signal } = new AbortController();

describe('createSessionLimit', () => {
  it('lets so many in at once, for each name, and the next when one has gone', async () => {
    const limit = createSessionLimit(2);
    const [first] = [await limit.take('vc01', { signal }), await limit.take('vc01', { signal })];
    await limit.take('vc02', { signal });
    const order: number[] = [];
    const third = limit.take('vc01', { signal }).then(() => order.push(3));
    const fourth = limit.take('vc01', { signal }).then(() => order.push(4));
    await Promise.resolve();
    expect(order).toEqual([]);
    first?.[Symbol.dispose]();
    first?.[Symbol.dispose]();
    await third;
    expect(order).toEqual([3]);
    expect(await Promise.race([fourth, Promise.resolve('waits')])).toBe('waits');
  });

  it('stops waiting when the signal aborts, and takes no place for it', async () => {
    const limit = createSessionLimit(1);
    const held = await limit.take('vc01', { signal });
    const impatient = new AbortController();
    const gaveUp = limit.take('vc01', impatient);
    const patient = limit.take('vc01', { signal });
    impatient.abort(new Error('no time'));
    await expect(gaveUp).rejects.toThrow('no time');
    await expect(limit.take('vc01', impatient)).rejects.toThrow('no time');
    held[Symbol.dispose]();
    (await patient)[Symbol.dispose]();
    (await limit.take('vc01', { signal }))[Symbol.dispose]();
  });

  it('never has more in than it may, and in the end lets everybody in', async () => {
    const visits = fc.array(fc.record({ name: fc.constantFrom('a', 'b'), turns: fc.nat(4) }), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), visits, async (max, all) => {
        const limit = createSessionLimit(max);
        const inside = new Map<string, number>();
        let most = 0;
        await Promise.all(
          all.map(async ({ name, turns }) => {
            using _ = await limit.take(name, { signal });
            const now = (inside.get(name) ?? 0) + 1;
            inside.set(name, now);
            most = Math.max(most, now);
            for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
            inside.set(name, (inside.get(name) ?? 0) - 1);
          }),
        );
        expect(most).toBeLessThanOrEqual(max);
        expect([...inside.values()].every((left) => left === 0)).toBe(true);
      }),
    );
  });
});
