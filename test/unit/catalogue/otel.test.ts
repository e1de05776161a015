import { describe, expect, it } from 'vitest';
import { describeRow } from '../../../lib/catalogue/describe.ts';
import { OTEL, otelRows } from '../../../lib/catalogue/otel/otel.ts';
import { otelRow, percent, rowNamed } from '../../../lib/catalogue/otel/points.ts';
import { definitionOf, type MetricRow, type Point } from '../../../lib/catalogue/row.ts';
import { AGGREGATE } from '../../../lib/catalogue/sources/aggregate.ts';
import { LEGACY_METRICS } from '../../../lib/collectors/legacy-names.ts';
import { pushedRows } from '../../../lib/collectors/pushed-rows.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { checkDefinition } from '../../../lib/metrics/check-sample.ts';
import { SELF_METRICS } from '../../../lib/sweep/result/self-metrics.ts';

const ROWS = COLLECTORS.flatMap(({ rows }) => rows);
const RECEIVER = otelRows('receiver');

describe('a name', () => {
  it.each(['mixin', 'receiver'] as const)('belongs to one preset, by the names of the %s', (names) => {
    const all = [
      ...ROWS.map(({ name }) => name),
      ...otelRows(names).map(({ name }) => name),
      ...[...SELF_METRICS, ...LEGACY_METRICS].map(({ name }) => name),
    ];
    expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual([]);
  });

  it.each(RECEIVER)('can be exposed with its labels: $name', (row) => {
    expect(() => checkDefinition(definitionOf(row))).not.toThrow();
  });

  it('of the receiver differs where its units changed, and nowhere else', () => {
    const changed = OTEL.flatMap(({ name }, index) => {
      const now = RECEIVER[index]?.name;
      return now === name ? [] : [[name, now]];
    });
    expect(changed).toEqual([
      ['vcenter_cluster_cpu_effective', 'vcenter_cluster_cpu_effective_MHz'],
      ['vcenter_cluster_cpu_limit', 'vcenter_cluster_cpu_limit_MHz'],
      ['vcenter_resource_pool_cpu_usage', 'vcenter_resource_pool_cpu_usage_MHz'],
      ['vcenter_vm_network_throughput_bytes_per_sec', 'vcenter_vm_network_throughput_bytes_per_second'],
    ]);
  });
});

describe('rows of the preset otel', () => {
  it.each(OTEL)('$name is made from rows of one kind that are found at the same time', ({ kind, source }) => {
    const of = source.of ?? [];
    expect(of.map((row) => row.kind)).toEqual(of.map(() => kind));
    expect(new Set(of.map((row) => row.source.reader === AGGREGATE)).size).toBe(1);
    for (const row of of) expect(ROWS).toContain(row);
  });

  it.each(OTEL)('$name says what it is made from, and in which unit', (row) => {
    expect(describeRow(row)).toMatchObject({ reader: 'view', preset: 'otel', isQueried: true });
    expect(describeRow(row).needs).toEqual(row.source.of?.map(({ name }) => name));
  });

  it('need what the newest of their rows needs, and are made from something', () => {
    const [old, young] = ['2.0', '6.5'].map(
      (since): MetricRow => ({ ...rowNamed(ROWS, 'vmware_vm_template'), since }),
    );
    const row = { name: 'x', help: 'x', unit: 'number', toPoints: () => [] } as const;
    if (old === undefined || young === undefined) throw new TypeError('no rows');
    expect(otelRow({ ...row, of: { old, young } }).since).toBe('6.5');
    expect(() => otelRow({ ...row, of: {} })).toThrow(/made from nothing/);
    expect(() => rowNamed(ROWS, 'vmware_nothing')).toThrow(/no row vmware_nothing/);
  });
});

/** What a row of the preset says of a machine of which its rows said this. */
function sayOf(name: string, said: Readonly<Record<string, number | undefined>>) {
  const row = OTEL.find((one) => one.name === name);
  const item = { target: 'vc01', site: '', name: 'web01', facts: {} };
  const pointsOf = (of: MetricRow): readonly Point[] => {
    const value = said[of.name];
    return value === undefined ? [] : [{ labels: [], value }];
  };
  return row?.source.evaluate({ item, pointsOf }).points;
}

describe('values of the preset otel', () => {
  const machine = {
    vmware_vm_template: 0,
    vmware_vm_memory_max: 8_192,
    vmware_vm_guest_memory_usage_bytes: 2 ** 31,
    vmware_vm_storage_committed_bytes: 30,
    vmware_vm_storage_uncommitted_bytes: 10,
  };

  it('are in MiB and in percent', () => {
    expect(sayOf('vcenter_vm_memory_usage_mebibytes', machine)).toEqual([{ labels: [], value: 2_048 }]);
    expect(sayOf('vcenter_vm_memory_utilization_percent', machine)).toEqual([{ labels: [], value: 25 }]);
    expect(sayOf('vcenter_vm_disk_utilization_percent', machine)).toEqual([{ labels: [], value: 75 }]);
  });

  it('leave out templates, and machines of which it is not known whether they are one', () => {
    for (const template of [1, undefined])
      for (const name of ['memory_usage_mebibytes', 'memory_utilization_percent', 'disk_usage_bytes'])
        expect(sayOf(`vcenter_vm_${name}`, { ...machine, vmware_vm_template: template })).toEqual([]);
  });

  it('leave out a share of nothing, and of what is not known', () => {
    expect(percent(1, 0)).toEqual([]);
    expect(percent(undefined, 1)).toEqual([]);
    expect(percent(1, undefined)).toEqual([]);
    const thick = { ...machine, vmware_vm_storage_uncommitted_bytes: 0 };
    expect(sayOf('vcenter_vm_disk_utilization_percent', thick)).toEqual([]);
    const idle = { ...machine, vmware_vm_guest_memory_usage_bytes: 0 };
    expect(sayOf('vcenter_vm_memory_utilization_percent', idle)).toEqual([]);
    expect(sayOf('vcenter_vm_memory_usage_mebibytes', idle)).toEqual([{ labels: [], value: 0 }]);
  });

  it('are left out where half of what they are made from is there', () => {
    const full = { vmware_datastore_capacity_size: 100, vmware_datastore_freespace_size: undefined };
    expect(sayOf('vcenter_datastore_disk_usage_bytes', full)).toEqual([]);
    expect(sayOf('vcenter_datastore_disk_utilization_percent', full)).toEqual([]);
  });
});

describe('pushedRows', () => {
  const named = (names: readonly string[]) => COLLECTORS.filter(({ name }) => names.includes(name));
  const namesOf = (...args: Parameters<typeof pushedRows>) => pushedRows(...args).map(({ name }) => name);

  it('has the names of vmware_exporter alone by default, and those of esxi-exporter always', () => {
    const collectors = named(['overall-status', 'clusters']);
    const own = collectors.flatMap(({ rows }) => rows.map(({ name }) => name));
    expect(namesOf(collectors)).toEqual(own);
    expect(namesOf(named(['overall-status']), { preset: ['otel'], otelNames: 'mixin' })).toEqual([
      'esxi_overall_status',
      'esxi_overall_status_info',
    ]);
  });

  it('has what can be made from the collectors that there are, and nothing else', () => {
    const otel = { preset: ['otel'], otelNames: 'receiver' } as const;
    const ofClusters = namesOf(named(['clusters']), otel);
    expect(ofClusters).toHaveLength(7);
    expect(ofClusters).toContain('vcenter_cluster_cpu_limit_MHz');
    // Of all devices together by the one, of each by the other.
    for (const name of ['host-performance', 'host-devices'])
      expect(namesOf(named([name]), otel)).toContain('vcenter_host_disk_throughput');
    expect(namesOf(named(['snapshots']), otel)).toEqual([]);
  });
});
