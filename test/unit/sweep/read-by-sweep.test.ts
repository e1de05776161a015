import { describe, expect, it } from 'vitest';
import { CUSTOM_ATTRIBUTES as FACTS } from '../../../lib/catalogue/sources/custom-attributes.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { startTimeline } from '../../../lib/platform/timeline.ts';
import type { TargetReader } from '../../../lib/readers/target-reader.ts';
import { createKeptResults } from '../../../lib/sweep/dispatch/kept-results.ts';
import type { TargetOrder } from '../../../lib/sweep/dispatch/target-order.ts';
import type { ListedTarget } from '../../../lib/sweep/listing/list-target.ts';
import { readBySweep } from '../../../lib/sweep/run/read-by-sweep.ts';
import { NO_EVENTS } from '../../support/no-events.ts';

const MACHINES = Array.from({ length: 20 }, (_, index) => ({
  type: 'VirtualMachine',
  moref: `vm-${index}`,
  name: `vm${index}`,
  facts: {},
}));

/** What comes of a reader that yields this for each machine; `asked` counts the machines. */
async function readAll(value: unknown) {
  const asked: string[] = [];
  const reader: TargetReader<never> = {
    facts: FACTS,
    async *read(wanted) {
      for (const { kind, items } of wanted)
        for (const { moref } of items) {
          asked.push(moref);
          yield [kind, moref, value];
        }
    },
  };
  const clock = systemClock;
  const later = clock.now() + 600_000;
  const results = await readBySweep(
    {
      sweep: { name: 'inventory', collectors: ['custom-attributes'] },
      target: { name: 'vc01' },
      times: { workerEnd: later, leaseEnd: later, graceMs: 0 },
      timeline: startTimeline(clock),
    } as unknown as TargetOrder,
    {
      listed: {
        source: 'fresh',
        session: { connection: {} },
        list: { hosts: [] },
        others: new Map([['vm', { items: MACHINES, unreadable: [] }]]),
      } as unknown as ListedTarget,
      kept: createKeptResults(),
    },
    {
      clock,
      config: { events: NO_EVENTS },
      events: NO_EVENTS.tally,
      targetReaders: [reader],
    } as unknown as Parameters<typeof readBySweep>[2],
    { signal: new AbortController().signal },
  );
  const ofMachines = results.find(({ kind }) => kind === 'vm');
  if (ofMachines?.result.status !== 'fulfilled') throw new Error('nothing of machines');
  return { asked: asked.length, problems: ofMachines.problems, result: ofMachines.result.value };
}

describe('a reader of the sweep itself', () => {
  it('is ended once its samples are more than a result may hold, and they are left out', async () => {
    const value = Array.from({ length: 300_000 }, () => ({ attribute: 'a', value: 'b' }));
    const { asked, problems, result } = await readAll(value);
    expect(asked).toBe(4);
    expect(problems).toEqual([
      expect.stringMatching(/more samples of objects of the kind vm than one result/),
    ]);
    expect(result.families).toEqual([]);
    expect(result.collectors).toMatchObject([{ name: 'custom-attributes', success: false }]);
  });

  it('is ended once their labels have more characters than a result may hold', async () => {
    const long = 'x'.repeat(4_096);
    const { asked, result } = await readAll(
      Array.from({ length: 5_000 }, () => ({ attribute: 'a', value: long })),
    );
    expect(asked).toBe(4);
    expect(result.families).toEqual([]);
  });

  it('is read to its end below that', async () => {
    const { asked, problems, result } = await readAll([{ attribute: 'a', value: 'b' }]);
    expect([asked, problems]).toEqual([20, []]);
    expect(result.families.map(({ items }) => items.length)).toEqual([20]);
  });
});
