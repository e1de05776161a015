import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import type { DemoVcenter } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import { type ParsedSeries, parseExposition } from '../../support/exposition.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from '../cli/vsweep-command.ts';
import { startTarget } from '../vsphere/demo-target.ts';
import { writeSweepFolder } from './sweep-folder.ts';

const tag = (name: string, objects: [type: string, id: string][]) => ({
  id: `urn:vmomi:InventoryServiceTag:${name}:GLOBAL`,
  category: 'Monitoring',
  name,
  objects: objects.map(([type, id]) => ({ type, id })),
});

const ESTATE = {
  ...createDemoEstate(),
  tags: [
    tag('yes', [
      ['VirtualMachine', 'vm-101'],
      ['VirtualMachine', 'vm-103'],
    ]),
    tag('no', [['VirtualMachine', 'vm-102']]),
  ],
};

describe('a sweep of own metrics', () => {
  let vcenter: DemoVcenter;
  beforeAll(async () => {
    vcenter = await startTarget({ hosts: createDemoFleet().map((host) => host.vcenter), estate: ESTATE });
  });
  afterAll(() => vcenter?.[Symbol.asyncDispose]());

  /** A whole run: listed, read in batches, merged, printed. */
  async function sweep(metrics: string, { name = 'inventory', collectors = ['own'] } = {}) {
    await using folder = await createTemporaryFolder('own-metrics');
    await writeSweepFolder(
      folder.path,
      vcenter,
      { name: 'inventory', collectors },
      { metrics: parse(metrics) as unknown },
    );
    const swept = await vsweep(folder.path, 'sweep', name, '--dry-run');
    return { ...swept, series: swept.output === '' ? [] : parseExposition(swept.output) };
  }

  const of = (series: readonly ParsedSeries[], name: string) => series.filter((one) => one.name === name);
  const totals = (series: readonly ParsedSeries[], metric: string) =>
    ['vsweep_own_samples', 'vsweep_own_missing'].map(
      (name) => of(series, name).find(({ labels }) => labels['metric'] === metric)?.value,
    );
  const MACHINES = 'property: VirtualMachine runtime.consolidationNeeded';

  it('has series of each kind of them, with the labels of their objects', async () => {
    const { series, errors, exitCode } = await sweep(`
      own:
        vmware_vm_consolidation: { ${MACHINES} }
        vmware_host_lockdown: { property: HostSystem config.lockdownMode, states: [lockdownDisabled, lockdownNormal, lockdownStrict] }
        vmware_host_nic_speed: { each: HostSystem config.network.pnic, value: linkSpeed.speedMb, unset: 0, labels: { nic: device } }
        vmware_vm_ready_ratio: { counter: VirtualMachine cpu.ready.summation, scale: 1/20000 }
        vmware_vm_disk_latency: { counter: VirtualMachine virtualDisk.totalReadLatency.average, instances: { label: disk, keep: "scsi*" } }
        vmware_ds_used: { counter: Datastore disk.used.latest }
    `);
    expect(errors).not.toMatch(/could not be read|left out/);
    expect(exitCode).toBe(0);
    const place = {
      ds_name: 'fast01',
      host_name: 'esx01.example.org',
      dc_name: 'demo',
      cluster_name: 'cluster-1',
    };
    expect(of(series, 'vmware_vm_consolidation')[0]).toMatchObject({
      labels: { vm_name: 'web01', ...place },
      value: 0,
      help: 'VirtualMachine runtime.consolidationNeeded',
    });
    expect(of(series, 'vmware_host_lockdown')).toHaveLength(3 * 59);
    expect(of(series, 'vmware_host_nic_speed')[0]?.labels).toEqual({
      host_name: 'esx01.example.org',
      dc_name: 'demo',
      cluster_name: 'cluster-1',
      nic: 'vmnic0',
    });
    expect(of(series, 'vmware_vm_ready_ratio').length).toBeGreaterThan(0);
    expect(new Set(of(series, 'vmware_vm_disk_latency').map(({ labels }) => labels['disk']))).toEqual(
      new Set(['scsi0:0', 'scsi0:1']),
    );
    expect(of(series, 'vmware_ds_used')).toHaveLength(2);
    expect(totals(series, 'vmware_host_lockdown')).toEqual([177, 0]);
    expect(of(series, 'vsweep_collector_success')).toMatchObject([
      { labels: { collector: 'own' }, value: 1 },
    ]);
  });

  it('reads them with the built-in metrics in one retrieval', async () => {
    const calls = async (work: () => Promise<unknown>) => {
      const before = vcenter.stats.calls['RetrievePropertiesEx'] ?? 0;
      await work();
      return (vcenter.stats.calls['RetrievePropertiesEx'] ?? 0) - before;
    };
    const own = `own: { vmware_vm_consolidation: { ${MACHINES} } }`;
    const builtIn = await calls(() => sweep('moid: false', { collectors: ['vms'] }));
    expect(builtIn).toBeGreaterThan(0);
    expect(await calls(() => sweep(own, { collectors: ['vms', 'own'] }))).toBe(builtIn);
  });

  it('is a sweep of its own where the metric has an interval', async () => {
    const { series } = await sweep(`own: { vmware_vm_consolidation: { ${MACHINES}, every: 15m } }`, {
      name: 'own-15m',
      collectors: ['hosts'],
    });
    expect(of(series, 'vmware_vm_consolidation')).toHaveLength(6);
    expect(of(series, 'vsweep_sweep_interval_seconds')).toMatchObject([
      { labels: { sweep: 'own-15m' }, value: 900 },
    ]);
  });

  it.each<[string, string[]]>([
    ['name: "web*"', ['web01', 'web02']],
    ['name: ["web01", "db*"]', ['web01', 'db01']],
    ['cluster: cluster-2', []],
    ['folder: "/demo/vm/**"', ['web01', 'web02', 'db01', 'build01', 'old01', 'sleepy01']],
    ['folder: "/prod/**"', []],
    ['tag: Monitoring=yes', ['web01', 'db01']],
    ['tag: [Monitoring=yes, Monitoring=no], name: "*1"', ['web01', 'db01']],
  ])('is only of the objects that metrics.only chooses: %s', async (only, names) => {
    const { series } = await sweep(
      `{ own: { vmware_vm_consolidation: { ${MACHINES} } }, only: { ${only} } }`,
    );
    expect(of(series, 'vmware_vm_consolidation').map(({ labels }) => labels['vm_name'])).toEqual(names);
    // Those of which it is not are not missing.
    expect(totals(series, 'vmware_vm_consolidation')).toEqual([names.length, 0]);
    expect(series.filter(({ name }) => name.includes('tags'))).toEqual([]);
  });

  it('leaves built-in metrics of other objects there', async () => {
    const { series } = await sweep(
      `{ own: { vmware_vm_consolidation: { ${MACHINES} } }, only: { name: web01 } }`,
      {
        collectors: ['vms', 'own'],
      },
    );
    expect(of(series, 'vmware_vm_consolidation')).toHaveLength(1);
    expect(of(series, 'vmware_vm_num_cpu')).toHaveLength(6);
  });

  it('leaves out the largest own metric where the run has more series than its budget, and says so', async () => {
    const { series, errors, output } = await sweep(`
      series: 70
      own:
        vmware_vm_consolidation: { ${MACHINES} }
        vmware_host_boot: { property: HostSystem runtime.bootTime }
        vmware_host_lockdown: { property: HostSystem config.lockdownMode, states: [lockdownDisabled, lockdownNormal, lockdownStrict] }
    `);
    expect(of(series, 'vmware_host_lockdown')).toEqual([]);
    expect(totals(series, 'vmware_host_lockdown')).toEqual([0, 177]);
    expect(of(series, 'vmware_host_boot').length).toBeGreaterThan(50);
    expect(of(series, 'vmware_vm_consolidation')).toHaveLength(6);
    expect(errors + output).toContain(
      'vmware_host_lockdown: left out, because with its 177 series the run has more than metrics.series (70)',
    );
  });

  it('counts what this vCenter does not have as missing, object by object, and keeps the other metrics', async () => {
    const { series, errors } = await sweep(`
      own:
        vmware_host_crypto: { property: HostSystem runtime.cryptoState, test: { equals: safe } }
        vmware_host_boot: { property: HostSystem runtime.bootTime }
    `);
    expect(totals(series, 'vmware_host_crypto')).toEqual([0, 60]);
    expect(of(series, 'vmware_host_boot').length).toBeGreaterThan(50);
    expect(errors).toContain('runtime.cryptoState could not be read: InvalidProperty');
  });

  it('drops a series that one object yields twice, and counts it', async () => {
    const { series } = await sweep(
      'own: { vmware_host_nics: { each: HostSystem config.network.pnic, value: 1, labels: { driver: driver } } }',
    );
    const dropped = of(series, 'vsweep_duplicate_samples')[0]?.value ?? 0;
    expect(dropped).toBeGreaterThan(0);
    expect(of(series, 'vmware_host_nics')).toHaveLength(totals(series, 'vmware_host_nics')[0] ?? -1);
  });
});
