import { expect, it } from 'vitest';
import type { Family } from '../../../lib/metrics/family.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { createPushgateway } from '../../../lib/sinks/pushgateway/client.ts';
import { createPushgatewaySink } from '../../../lib/sinks/pushgateway/pushgateway-sink.ts';
import { createGroupStore } from '../../../lib/state/stores/groups.ts';
import { parseExposition } from '../../support/exposition.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { startPushgateway } from '../../support/peers/pushgateway.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const GROUP = { job: 'vsweep_services', instance: 'vc01/a' };
const PATIENCE = { timeout: 30_000, interval: 50 };
const running = { signal: new AbortController().signal };

const hosts = (count: number): Family[] => [
  {
    definition: { name: 'esxi_x', help: 'x', labels: ['hostsystem'] },
    samples: Array.from({ length: count }, (_, n) => ({
      metric: 'esxi_x',
      labels: [`esx${n} "é"`],
      value: n,
    })),
  },
];

describeWithPeers(['pushgateway'], 'a divided group at a real Pushgateway', () => {
  it('has every series once and in one part, whatever the split was before, and none when it is forgotten', async () => {
    await using peer = await startPushgateway();
    const gateway = createPushgateway({
      url: peer.url,
      gzip: true,
      clock: systemClock,
      log: silentLog,
      random: Math.random,
    });
    const groups = createGroupStore({ table: createMemoryTable() });
    const sink = createPushgatewaySink({ gateway, groups, log: silentLog, maxSeries: 100 });
    const scraped = async () => {
      const text = await (await fetch(`${peer.url}/metrics`)).text();
      return parseExposition(text).filter(({ name }) => name === 'esxi_x');
    };
    for (const [count, parts] of [
      [100, ['']],
      [150, ['0', '1']],
      [1_000, Array.from({ length: 16 }, (_, part) => String(part))],
      [420, Array.from({ length: 16 }, (_, part) => String(part))],
      [60, ['0', '1']],
      [20, ['']],
    ] as const) {
      const series = { group: GROUP, families: hosts(count), validUntil: 0 };
      expect(await sink.deliver(series, { ...running, holdsLease: async () => true })).toBe('delivered');
      // The gateway answers a DELETE before it has done it (202).
      await expect
        .poll(async () => (await scraped()).map(({ labels }) => labels['hostsystem']).sort(), PATIENCE)
        .toEqual(
          hosts(count)
            .flatMap(({ samples }) => Array.from(samples, ({ labels }) => labels[0]))
            .sort(),
        );
      const listed = async () =>
        (await gateway.list(running))
          .map(({ part = '' }) => part)
          .sort((one, other) => Number(one) - Number(other));
      await expect.poll(listed, PATIENCE).toEqual([...parts]);
    }
    await sink.forget(GROUP, running);
    await expect.poll(() => gateway.list(running), PATIENCE).toEqual([]);
  });
});
