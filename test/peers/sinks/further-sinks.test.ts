import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { createVictoriaMetricsSink } from '../../../lib/sinks/victoria-metrics/victoria-metrics-sink.ts';
import { PROOF, startTarget } from '../../integration/vsphere/demo-target.ts';
import { parseExposition } from '../../support/exposition.ts';
import { startNodeExporter } from '../../support/peers/node-exporter.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { promQuery } from '../../support/peers/prometheus.ts';
import { runVsweep } from '../../support/peers/run-vsweep.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { startVictoriaMetrics } from '../../support/peers/victoria-metrics.ts';

const TARGETS = ['vc01', 'vc02'];
const HOSTS = 60;

/** Sweeps one simulated vCenter under two names, whose series are equal but for the labels of their groups. */
async function sweepTwice(folder: string, sinks: object): Promise<void> {
  await using vcenter = await startTarget({ hosts: createDemoFleet().map((host) => host.vcenter) });
  const target = { url: vcenter.url, credentials: { file: 'vc.yaml' }, tls: { sha256: [vcenter.sha256] } };
  const config = {
    targets: TARGETS.map((name) => ({ name, ...target })),
    sweeps: [{ name: 'inventory', every: '1m', collectors: ['hosts'] }],
    state: { path: 'state' },
    ...sinks,
  };
  await writeFile(join(folder, 'vsweep.yaml'), stringify(config));
  await writeFile(join(folder, 'vc.yaml'), stringify(PROOF), { mode: 0o600 });
  const { exitCode, stderr } = await runVsweep(['sweep', 'inventory'], { cwd: folder });
  expect(exitCode, stderr).toBe(0);
}

describeWithPeers(['node-exporter'], 'the sink textfile and node_exporter', () => {
  it('reads the files of both targets, and finds nothing wrong with them', async () => {
    await using folder = await createTemporaryFolder('textfile');
    const files = join(folder.path, 'prom');
    await mkdir(files);
    await using exporter = await startNodeExporter(files);
    await sweepTwice(folder.path, { textfile: { path: 'prom' } });
    const response = await fetch(`${exporter.url}/metrics`, { signal: AbortSignal.timeout(30_000) });
    expect(response.status).toBe(200);
    const series = parseExposition(await response.text());
    const of = (name: string) => series.filter((one) => one.name === name);
    expect(of('node_textfile_scrape_error').map(({ value }) => value)).toEqual([0]);
    const states = of('vmware_host_power_state');
    expect(states).toHaveLength(TARGETS.length * HOSTS);
    expect(new Set(states.map(({ labels }) => `${labels['job']} ${labels['instance']}`))).toEqual(
      new Set(TARGETS.map((name) => `vsweep_inventory ${name}`)),
    );
  }, 240_000);
});

describeWithPeers(['victoria-metrics'], 'the sink of VictoriaMetrics and a real one', () => {
  it('has the series of both targets with the labels of their groups', async () => {
    await using folder = await createTemporaryFolder('victoria-metrics');
    await using vm = await startVictoriaMetrics();
    await sweepTwice(folder.path, { victoriaMetrics: { url: vm.url } });
    // A query is answered as of a second that is over.
    const counts = await pollUntil(
      'the series of both targets',
      async () => {
        await vm.flush();
        const found = await promQuery(vm.url, 'count by (job, instance) (vmware_host_power_state)');
        return found.length === TARGETS.length ? found : undefined;
      },
      { timeoutMs: 120_000, everyMs: 500 },
    );
    const found = counts.map(({ labels, value }) => [labels['job'], labels['instance'], value]);
    expect(found.toSorted()).toEqual(TARGETS.map((name) => ['vsweep_inventory', name, HOSTS]));
  }, 240_000);

  it('has each sample at its own time, also when it comes twice', async () => {
    await using vm = await startVictoriaMetrics();
    const sink = createVictoriaMetricsSink({
      open: async () => ({ url: vm.url }),
      retry: { clock: systemClock, log: silentLog, random: Math.random },
      maxBackfillMs: 3_600_000,
    });
    const end = Math.floor(Date.now() / 20_000) * 20_000;
    const times = [end - 40_000, end - 20_000, end];
    const series = {
      group: { job: 'vsweep "inventory", 1', instance: 'vc=01&x' },
      families: [
        {
          definition: { name: 'esxi_x', help: 'x', labels: ['hostsystem'] },
          samples: times.map((timeMs, value) => ({ metric: 'esxi_x', labels: ['esx1'], value, timeMs })),
        },
      ],
      validUntil: 0,
    };
    const options = { signal: AbortSignal.timeout(60_000), holdsLease: async () => true };
    expect(await sink.deliver(series, options)).toBe('delivered');
    expect(await sink.deliver(series, options)).toBe('delivered');
    await vm.flush();
    const response = await fetch(`${vm.url}/api/v1/export?match[]=esxi_x&reduce_mem_usage=0`, {
      signal: AbortSignal.timeout(30_000),
    });
    const { metric, values, timestamps } = JSON.parse(await response.text());
    expect(metric).toEqual({ __name__: 'esxi_x', ...series.group, hostsystem: 'esx1' });
    const points = new Map(timestamps.map((time: number, index: number) => [time, values[index]]));
    expect([...points]).toEqual(times.map((time, value) => [time, value]));
  }, 240_000);
});
