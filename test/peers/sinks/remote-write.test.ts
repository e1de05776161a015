import { expect, it } from 'vitest';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { createRemoteWriteSink } from '../../../lib/sinks/remote-write/remote-write-sink.ts';
import { createChunkedValues } from '../../../lib/state/chunked-value.ts';
import { createSeriesListStore } from '../../../lib/state/stores/series-lists.ts';
import { writeSweepFolder } from '../../integration/sweep/sweep-folder.ts';
import { demoHosts, startTarget } from '../../integration/vsphere/demo-target.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { promQuery, startPrometheus } from '../../support/peers/prometheus.ts';
import { runVsweep } from '../../support/peers/run-vsweep.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { startVictoriaMetrics } from '../../support/peers/victoria-metrics.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const startReceiver = () =>
  startPrometheus({
    config: 'global: { scrape_interval: 1m }\n',
    args: ['--web.enable-remote-write-receiver'],
  });
const HOSTS = 'count by (job, instance, cluster) (vmware_host_power_state)';

/** Runs a sweep of a simulated vCenter, with these hosts, as an operator does. */
async function sweep(folder: string, { hosts, url }: { hosts: number; url: string }): Promise<void> {
  await using vcenter = await startTarget({ hosts: demoHosts(hosts) });
  const remoteWrite = { url, externalLabels: { cluster: 'lab' } };
  await writeSweepFolder(folder, vcenter, { name: 'inventory', collectors: ['hosts'] }, { remoteWrite });
  const { exitCode, stderr } = await runVsweep(['sweep', 'inventory'], { cwd: folder, timeoutMs: 120_000 });
  expect(exitCode, stderr).toBe(0);
}

const counted = (found: Awaited<ReturnType<typeof promQuery>>) =>
  found.map(({ labels, value }) => [labels['job'], labels['instance'], labels['cluster'], value]);
const inventoryOf = (hosts: number) => [['vsweep_inventory', 'vc01', 'lab', hosts]];

describeWithPeers(['prometheus'], 'remote write to a real Prometheus', () => {
  it('has the series of a run, and at once no more of a host that the next one does not find', async () => {
    await using folder = await createTemporaryFolder('remote-write');
    await using prometheus = await startReceiver();
    const url = `${prometheus.url}/api/v1/write`;
    await sweep(folder.path, { hosts: 4, url });
    expect(counted(await promQuery(prometheus.url, HOSTS))).toEqual(inventoryOf(4));
    await sweep(folder.path, { hosts: 3, url });
    expect(counted(await promQuery(prometheus.url, HOSTS))).toEqual(inventoryOf(3));
    // Not deleted: it has ended.
    const before = await promQuery(prometheus.url, 'count(last_over_time(vmware_host_power_state[1h]))');
    expect(before.map(({ value }) => value)).toEqual([4]);
  }, 240_000);

  it('takes a repeated request, refuses what is older than what is there, and says so with the series', async () => {
    await using prometheus = await startReceiver();
    const end = Math.floor(Date.now() / 1_000) * 1_000;
    const sink = sinkTo(`${prometheus.url}/api/v1/write`, () => end);
    const samplesAt = (...times: number[]) => seriesOf(times.map((timeMs) => ({ labels: ['h1'], timeMs })));
    const options = { signal: AbortSignal.timeout(60_000), holdsLease: async () => true };
    expect(await sink.deliver(seriesOf([{ labels: ['h1'] }]), options)).toBe('delivered');
    // The same value at the same time.
    expect(await sink.deliver(seriesOf([{ labels: ['h1'] }]), options)).toBe('delivered');
    await expect(sink.deliver(samplesAt(end - 20_000, end), options)).rejects.toMatchObject({
      code: 'inconsistent',
      status: 400,
      message: expect.stringMatching(
        /out of order sample.*It had 2 samples of 1 series, from esxi_x\{host="h1",instance="vc01",job="j"\} on\.$/,
      ),
    });
  }, 240_000);
});

describeWithPeers(['victoria-metrics'], 'remote write to a real VictoriaMetrics', () => {
  it('has the series of a run, and at once no more of a host that the next one does not find', async () => {
    await using folder = await createTemporaryFolder('remote-write-vm');
    await using vm = await startVictoriaMetrics();
    const url = `${vm.url}/api/v1/write`;
    const hasHosts = async (hosts: number) =>
      await pollUntil(
        `the series of ${hosts} hosts`,
        async () => {
          await vm.flush();
          const found = counted(await promQuery(vm.url, HOSTS));
          return found[0]?.[3] === hosts ? found : undefined;
        },
        { timeoutMs: 120_000, everyMs: 500 },
      );
    await sweep(folder.path, { hosts: 4, url });
    expect(await hasHosts(4)).toEqual(inventoryOf(4));
    await sweep(folder.path, { hosts: 3, url });
    expect(await hasHosts(3)).toEqual(inventoryOf(3));
  }, 240_000);
});

function sinkTo(url: string, now: () => number) {
  const table = createMemoryTable();
  let generations = 0;
  const randomId = () => {
    generations += 1;
    return String(generations);
  };
  return createRemoteWriteSink({
    open: async () => ({ url }),
    retry: { clock: { ...systemClock, now }, log: silentLog, random: Math.random },
    records: createSeriesListStore({ table, values: createChunkedValues({ table, now, randomId }) }),
    groups: { record: async () => undefined },
    maxBackfillMs: 3_600_000,
  });
}

const seriesOf = (samples: readonly { labels: string[]; timeMs?: number }[]) => ({
  group: { job: 'j', instance: 'vc01' },
  families: [
    {
      definition: { name: 'esxi_x', help: 'x', labels: ['host'] },
      samples: samples.map((sample) => ({ metric: 'esxi_x', value: 1, ...sample })),
    },
  ],
  validUntil: 0,
});
