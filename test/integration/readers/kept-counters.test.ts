import { describe, expect, it } from 'vitest';
import { createKeptCounters } from '../../../lib/vsphere/performance/kept-counters.ts';
import { loginTo, startTarget, testSignal } from '../vsphere/demo-target.ts';

const signal = testSignal();
const HOUR = 3_600_000;

describe('the counters of targets', () => {
  it('are read once a day and target, and again from a vCenter that was updated', async () => {
    let now = 5;
    const kept = createKeptCounters({ monotonic: () => now });
    await using vcenter = await startTarget();
    await using session = await loginTo(vcenter);
    const reads = async (target: string, from = session as Parameters<typeof kept.of>[1]) => {
      const before = vcenter.stats.calls['RetrievePropertiesEx'] ?? 0;
      const counters = await kept.of(target, from, { signal });
      expect(counters.byName('cpu.usage.average')?.key).toBe(2_002);
      return (vcenter.stats.calls['RetrievePropertiesEx'] ?? 0) - before;
    };
    expect(await reads('vc-1')).toBe(1);
    now += 24 * HOUR - 1;
    expect(await reads('vc-1')).toBe(0);
    expect(await reads('vc-2')).toBe(1);
    now += 1;
    expect(await reads('vc-1')).toBe(1);
    const { content } = session;
    const about = { ...content.about, fields: new Map([...content.about.fields, ['build', '99']]) };
    const updated = { content: { ...content, about }, transport: session.transport, tidyUp: session.tidyUp };
    expect(await reads('vc-1', updated)).toBe(1);
    expect(await reads('vc-1', updated)).toBe(0);
  });
});
