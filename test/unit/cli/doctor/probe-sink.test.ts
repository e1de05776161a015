import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createProbeRecords, probeSink } from '../../../../lib/cli/doctor/engine/probe-sink.ts';
import type { DeliverOptions, Group, RunSeries } from '../../../../lib/sinks/sink.ts';

const { signal } = new AbortController();
const GROUP = { job: 'vsweep_doctor', instance: 'probe' };

/** A sink that records its calls, which end as they are given. */
function sinkOf({ deliver, forget }: { deliver?: Error; forget?: boolean | Error } = {}) {
  const calls: unknown[] = [];
  return {
    calls,
    sink: {
      async deliver(series: RunSeries, options: DeliverOptions) {
        calls.push(['deliver', series, options.signal, await options.holdsLease()]);
        if (deliver !== undefined) throw deliver;
        return 'delivered' as const;
      },
      async forget(group: Group, options: { signal: AbortSignal }) {
        calls.push(['forget', group, options.signal]);
        if (forget instanceof Error) throw forget;
        return forget ?? true;
      },
    },
  };
}

describe('the probe of a sink', () => {
  it('delivers one series for a minute, in a group that no run has, and has it forgotten', async () => {
    const { sink, calls } = sinkOf();
    expect(await probeSink(sink, { now: 1_000, signal })).toBe('deleted');
    const family = {
      definition: {
        name: 'vsweep_doctor_probe',
        help: '1: written by vsweep doctor to see that a destination takes series',
        labels: [],
      },
      samples: [{ metric: 'vsweep_doctor_probe', labels: [], value: 1 }],
    };
    expect(calls).toEqual([
      ['deliver', { group: GROUP, families: [family], validUntil: 61_000 }, signal, true],
      ['forget', GROUP, signal],
    ]);
  });

  it('says that it is kept where nothing there takes it away', async () => {
    expect(await probeSink(sinkOf({ forget: false }).sink, { now: 0, signal })).toBe('kept');
  });

  it('that failed may have landed: it is forgotten, and fails with what the delivery failed with', async () => {
    for (const forget of [true, new Error('no way')]) {
      const { sink, calls } = sinkOf({ deliver: new Error('no answer'), forget });
      await expect(probeSink(sink, { now: 0, signal })).rejects.toThrow('no answer');
      expect(calls).toHaveLength(2);
    }
  });

  it('fails when it is taken and cannot be deleted: it would be shown for ever', async () => {
    const { sink } = sinkOf({ forget: new Error('forbidden') });
    await expect(probeSink(sink, { now: 0, signal })).rejects.toThrow('forbidden');
  });
});

describe('what sinks keep of the groups of a probe', () => {
  const other = { job: 'a', instance: 'b' };

  it('is one whole group, which does not change', async () => {
    const { groups } = createProbeRecords();
    const whole = await groups.record(other, { signal });
    expect(whole?.split).toBe(1);
    expect(whole?.parts).toHaveLength(1);
    await groups.change(other, { split: 2, parts: [] }, { signal });
    expect(await groups.read(other, { signal })).toEqual(whole);
  });

  it('are lists of series, each by its group, until they are removed', async () => {
    const { seriesLists } = createProbeRecords();
    const schema = z.object({ tables: z.array(z.never()), metrics: z.array(z.never()), of: z.number() });
    const list = (of: number) => ({ tables: [], metrics: [], of });
    const read = (group: Group) => seriesLists.read(group, schema, { signal });
    expect(await read(GROUP)).toBeUndefined();
    await seriesLists.write(GROUP, list(1), { signal });
    await seriesLists.write(other, list(2), { signal });
    expect([await read(GROUP), await read(other)]).toEqual([list(1), list(2)]);
    await seriesLists.remove(GROUP, { signal });
    expect([await read(GROUP), await read(other)]).toEqual([undefined, list(2)]);
  });
});
