import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import { vsweep } from '../../integration/cli/vsweep-command.ts';
import { PROOF, startTarget } from '../../integration/vsphere/demo-target.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { type Prometheus, promQuery, startPrometheus } from '../../support/peers/prometheus.ts';
import { startPushgateway } from '../../support/peers/pushgateway.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { blocksOf } from '../../unit/docs/pages.ts';

interface Written {
  readonly sweeps: readonly object[];
  readonly metrics: { readonly own: Readonly<Record<string, object>> };
}

/** The first block of the page: what somebody copies. */
const [EXAMPLE] = blocksOf('docs/own-metrics.md').filter(({ language }) => language === 'yaml');
const WRITTEN = parse(EXAMPLE?.text ?? '') as Written;

/** Series of each example, of the simulated fleet. */
const SERIES: Readonly<Record<string, { readonly count: number; readonly labels: readonly string[] }>> = {
  own_vm_tools_mounted: { count: 6, labels: ['vm_name', 'host_name', 'cluster_name'] },
  own_host_connection: { count: 180, labels: ['host_name', 'state'] },
  own_host_scratch_lost: { count: 59, labels: ['host_name'] },
  own_host_nic_bits_per_second: { count: 118, labels: ['nic', 'driver'] },
  own_vm_cpu_ready_ratio: { count: 4, labels: ['vm_name'] },
};

describeWithPeers(['pushgateway', 'prometheus'], 'the examples of docs/own-metrics.md', () => {
  const resources = new AsyncDisposableStack();
  let prometheus: Prometheus;

  beforeAll(async () => {
    const vcenter = resources.use(
      await startTarget({ hosts: createDemoFleet().map((host) => host.vcenter), estate: createDemoEstate() }),
    );
    const pushgateway = resources.use(await startPushgateway());
    const folder = resources.use(await createTemporaryFolder('own-examples'));
    const { url, sha256 } = vcenter;
    const target = { name: 'vc01', url, credentials: { file: 'vc01.yaml' }, tls: { sha256: [sha256] } };
    const config = {
      ...WRITTEN,
      targets: [target],
      push: { url: pushgateway.url },
      state: { path: 'state' },
    };
    await writeFile(join(folder.path, 'vsweep.yaml'), stringify(config));
    await writeFile(join(folder.path, 'vc01.yaml'), stringify(PROOF), { mode: 0o600 });
    const { exitCode, errors } = await vsweep(folder.path, 'sweep', 'inventory');
    expect(exitCode, errors).toBe(0);
    prometheus = resources.use(
      await startPrometheus({
        config: stringify({
          scrape_configs: [
            {
              job_name: 'pushgateway',
              honor_labels: true,
              scrape_interval: '1s',
              static_configs: [{ targets: [new URL(pushgateway.url).host] }],
            },
          ],
        }),
      }),
    );
  });
  afterAll(() => resources.disposeAsync());

  /** When Prometheus has scraped the gateway for the first time, it has all. */
  const scraped = (query: string) =>
    pollUntil(
      `series of ${query}`,
      async () => {
        const samples = await promQuery(prometheus.url, query);
        return samples.length > 0 ? samples : undefined;
      },
      { timeoutMs: 60_000 },
    );

  it('are five', () => {
    expect(Object.keys(WRITTEN.metrics.own)).toEqual(Object.keys(SERIES));
  });

  it.each(Object.entries(SERIES))(
    'come from the simulated fleet into Prometheus: %s',
    async (name, { count, labels }) => {
      const found = await scraped(name);
      expect(found).toHaveLength(count);
      for (const one of found)
        expect(Object.keys(one.labels)).toEqual(expect.arrayContaining([...labels, 'job', 'instance']));
    },
  );

  it('are counted, and none is missing', async () => {
    const samples = await scraped('vsweep_own_samples');
    expect(Object.fromEntries(samples.map(({ labels, value }) => [labels['metric'], value]))).toEqual(
      Object.fromEntries(Object.entries(SERIES).map(([name, { count }]) => [name, count])),
    );
    expect(await promQuery(prometheus.url, 'vsweep_own_missing > 0')).toEqual([]);
  });
});
