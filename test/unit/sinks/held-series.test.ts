import { describe, expect, it } from 'vitest';
import { createHeldSeries } from '../../../lib/sinks/stdout/held-series.ts';

const { signal } = new AbortController();

describe('the series of a dry run', () => {
  it('are those of each group that came last', async () => {
    const held = createHeldSeries();
    expect([held.name, createHeldSeries('json').name]).toEqual(['stdout', 'json']);
    const family = (value: number, instance: string) => ({
      definition: { name: 'm', help: 'h', labels: ['instance'] },
      samples: [{ metric: 'm', labels: [instance], value }],
    });
    const deliver = (instance: string, value: number) =>
      held.deliver(
        { group: { job: 'j', instance }, families: [family(value, instance)], validUntil: 0 },
        { signal, holdsLease: async () => false },
      );
    expect(held.families()).toEqual([]);
    expect(await deliver('a', 1)).toBe('delivered');
    await deliver('b', 2);
    await deliver('a', 3);
    expect(
      held.families().flatMap(({ samples }) => [...samples].map(({ labels, value }) => [...labels, value])),
    ).toEqual([
      ['a', 3],
      ['b', 2],
    ]);
    expect(await held.forget({ job: 'j', instance: 'a' }, { signal })).toBe(false);
  });
});
