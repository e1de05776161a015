import { beforeAll, describe, expect, it } from 'vitest';
import { OTEL, otelRows } from '../../../lib/catalogue/otel/otel.ts';
import { definitionOf } from '../../../lib/catalogue/row.ts';
import { runsBy } from '../../../lib/collectors/needs.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import type { DemoEstate } from '../../../lib/demo/vcenter/estate.ts';
import { type ParsedSeries, parseExposition } from '../../support/exposition.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { queriesOf, seriesOf } from '../../support/queries.ts';
import { vsweep } from '../cli/vsweep-command.ts';
import { startTarget } from '../vsphere/demo-target.ts';
import { writeSweepFolder } from './sweep-folder.ts';

const READ = COLLECTORS.filter((one) => !runsBy([one], 'ask')).map(({ name }) => name);
const WITH_OTEL = COLLECTORS.filter(({ rows }) =>
  OTEL.some(({ source }) => source.of?.some((row) => rows.includes(row))),
).map(({ name }) => name);

/** Its first host stands in no cluster, and one machine in a vApp. */
const HOSTS = createDemoFleet().map(({ vcenter }, index) =>
  index === 0 ? { ...vcenter, cluster: '' } : vcenter,
);
const estate = createDemoEstate();
const ESTATE: DemoEstate = {
  ...estate,
  virtualMachines: estate.virtualMachines.map((one) =>
    one.name === 'web02' ? { ...one, virtualApp: 'shop' } : one,
  ),
};

interface Swept {
  readonly series: readonly ParsedSeries[];
  readonly calls: Readonly<Record<string, number>>;
  readonly errors: string;
}

/** A whole run over the simulated vCenter, printed. */
async function sweep(metrics: object, collectors: readonly string[]): Promise<Swept> {
  await using vcenter = await startTarget({ hosts: HOSTS, estate: ESTATE });
  await using folder = await createTemporaryFolder('presets');
  await writeSweepFolder(folder.path, vcenter, { name: 'all', collectors }, { metrics });
  const { output, errors, exitCode } = await vsweep(folder.path, 'sweep', 'all', '--dry-run');
  expect(exitCode, errors).toBe(0);
  return { series: parseExposition(output), calls: { ...vcenter.stats.calls }, errors };
}

let both: Swept;
let ofVmwareExporter: Swept;
let ofOtel: Swept;
beforeAll(async () => {
  both = await sweep({ preset: ['vmware_exporter', 'otel'] }, READ);
  ofVmwareExporter = await sweep({}, READ);
  ofOtel = await sweep({ preset: 'otel', otelNames: 'receiver' }, WITH_OTEL);
}, 120_000);

/** A legend of vmware_exporter's dashboard cluster.json, where it is a variable of the dashboard. */
const NO_LABEL = new Set(['cluster']);

describe.each([
  // grafana/jsonnet-libs
  ['vsphere-mixin', 107, 37],
  // pryorda/vmware_exporter
  ['vmware-exporter', 95, 59],
  ['awesome-prometheus-alerts', 4, 3],
])('a run with both presets, for the queries of %s', (fixture, count, metrics) => {
  const queries = queriesOf(fixture);
  const selectors = queries.flatMap(({ alternatives }) => alternatives.flat());

  it('is asked for all that there are', () => {
    expect(queries).toHaveLength(count);
    expect(new Set(selectors.map(({ metric }) => metric)).size).toBe(metrics);
  });

  it('has series for every one of them', () => {
    const without = queries.filter(
      ({ alternatives }) =>
        !alternatives.some((all) => all.every((one) => seriesOf(one, both.series).length > 0)),
    );
    expect(without.map(({ text }) => text)).toEqual([]);
  });

  it('has every label that they select, group, join and print by, with a value', () => {
    for (const { alternatives, labels, text } of queries) {
      const named = new Set(alternatives.flat().map(({ metric }) => metric));
      const series = both.series.filter(({ name }) => named.has(name));
      const used = [
        ...labels.filter((label) => !NO_LABEL.has(label)),
        ...alternatives.flat().flatMap(({ matchers }) => matchers.map(({ label }) => label)),
      ];
      for (const label of used) {
        // Of what is summed over, `object` and `direction` are named although not each metric has both.
        const isThere = series.some(({ labels: all }) => label in all) || text.includes('without(');
        expect([text, label, isThere]).toEqual([text, label, true]);
      }
    }
    const used = new Set(queries.flatMap(({ labels }) => labels));
    for (const label of used)
      if (!NO_LABEL.has(label))
        expect([label, both.series.some(({ labels }) => (labels[label] ?? '') !== '')]).toEqual([
          label,
          true,
        ]);
  });
});

const keyOf = ({ name, labels }: ParsedSeries) => JSON.stringify([name, Object.entries(labels).toSorted()]);
const isOfCatalogue = ({ name }: ParsedSeries) => !name.startsWith('vsweep_');
const keysOf = ({ series }: Swept) => series.filter(isOfCatalogue).map(keyOf).toSorted();

describe('a run with two presets', () => {
  it('asks vCenter as often as one with one', () => {
    expect(both.calls).toEqual(ofVmwareExporter.calls);
  });

  it('has the series of each alone, and no other', () => {
    const renamed = new Map(OTEL.map(({ name }, index) => [otelRows('receiver')[index]?.name, name]));
    const otel = ofOtel.series.map((one) => ({ ...one, name: renamed.get(one.name) ?? one.name }));
    expect(keysOf(both)).toEqual(
      [...keysOf(ofVmwareExporter), ...keysOf({ ...ofOtel, series: otel })].toSorted(),
    );
  });
});

describe('the preset otel', () => {
  const of = (swept: Swept, name: string) => swept.series.filter((one) => one.name === name);

  it('has every one of its metrics, by the names of the receiver where those are asked for', () => {
    for (const { name } of OTEL) expect([name, of(both, name).length > 0]).toEqual([name, true]);
    for (const { name } of otelRows('receiver'))
      expect([name, of(ofOtel, name).length > 0]).toEqual([name, true]);
    expect(of(ofOtel, 'vcenter_cluster_cpu_limit')).toEqual([]);
    expect(of(ofOtel, 'vcenter_cluster_cpu_limit_MHz')).toHaveLength(3);
  });

  it('alone pushes nothing under the names of vmware_exporter', () => {
    expect(ofOtel.series.filter(({ name }) => name.startsWith('vmware_'))).toEqual([]);
  });

  it('names a machine by where it stands, in a pool or in a vApp', () => {
    const labelsOf = (machine: string) =>
      of(both, 'vcenter_vm_memory_usage_mebibytes').find(
        ({ labels }) => labels['vcenter_vm_name'] === machine,
      )?.labels;
    expect(labelsOf('db01')).toEqual({
      vcenter_datacenter_name: 'demo',
      vcenter_cluster_name: 'cluster-1',
      vcenter_host_name: 'esx03.example.org',
      vcenter_resource_pool_name: 'Resources',
      vcenter_resource_pool_inventory_path: '/demo/host/cluster-1/Resources',
      vcenter_virtual_app_name: '',
      vcenter_virtual_app_inventory_path: '',
      vcenter_vm_name: 'db01',
      vcenter_vm_id: '50000000-0000-4000-8000-000000000003',
    });
    expect(labelsOf('web02')).toMatchObject({
      vcenter_resource_pool_name: '',
      vcenter_resource_pool_inventory_path: '',
      vcenter_virtual_app_name: 'shop',
      vcenter_virtual_app_inventory_path: '/demo/host/cluster-1/Resources/shop',
    });
    expect(labelsOf('web01')).toMatchObject({
      vcenter_cluster_name: '',
      vcenter_resource_pool_inventory_path: '/demo/host/esx01.example.org/Resources',
    });
  });

  it('has pools of clusters and of single hosts, and no vApp as a pool', () => {
    const pools = of(both, 'vcenter_resource_pool_cpu_shares').map(({ labels }) => labels);
    expect(pools).toHaveLength(4);
    expect(pools).toContainEqual({
      vcenter_datacenter_name: 'demo',
      vcenter_cluster_name: '',
      vcenter_host_name: 'esx01.example.org',
      vcenter_resource_pool_name: 'Resources',
      vcenter_resource_pool_inventory_path: '/demo/host/esx01.example.org/Resources',
    });
    expect(of(both, 'vmware_resource_pool_cpu_shares')).toHaveLength(5);
  });

  it('says the same as vmware_exporter’s names, in its own units', () => {
    const only = (name: string, label: string, value: string) =>
      of(both, name).find(({ labels }) => labels[label] === value)?.value;
    const host = 'esx02.example.org';
    expect(only('vcenter_host_cpu_usage_MHz', 'vcenter_host_name', host)).toBe(
      only('vmware_host_cpu_usage', 'host_name', host),
    );
    const errors = of(both, 'vcenter_host_network_packet_error_rate').find(
      ({ labels }) => labels['vcenter_host_name'] === host && labels['direction'] === 'received',
    );
    expect(errors?.value).toBe((only('vmware_host_net_errorsRx_summation', 'host_name', host) ?? 0) / 20);
    const used = only('vmware_vm_guest_memory_usage_bytes', 'vm_name', 'db01') ?? 0;
    expect(only('vcenter_vm_memory_usage_mebibytes', 'vcenter_vm_name', 'db01')).toBe(used / 2 ** 20);
  });

  it('has no label that its definitions lack', () => {
    for (const row of OTEL)
      for (const { labels } of of(both, row.name))
        expect(Object.keys(labels)).toEqual([...definitionOf(row).labels]);
  });
});

describe('a run with managed object ids', () => {
  it('has the series of one without, each with the id of its object, but for those of esxi-exporter', async () => {
    const { series } = await sweep({ preset: ['vmware_exporter', 'otel'], moid: true }, READ);
    const without = series.map(({ labels: { moid: _, ...labels }, ...one }) => ({ ...one, labels }));
    expect(new Set(keysOf({ ...both, series: without }))).toEqual(new Set(keysOf(both)));
    const named = series.filter((one) => isOfCatalogue(one) && !one.name.startsWith('esxi_'));
    expect(named.filter(({ labels }) => !/^[a-z]+-[a-z]?\d+$/.test(labels['moid'] ?? ''))).toEqual([]);
    expect(series.filter(({ name, labels }) => name.startsWith('esxi_') && 'moid' in labels)).toEqual([]);
  });
});
