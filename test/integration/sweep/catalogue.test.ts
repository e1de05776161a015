import { beforeAll, describe, expect, it } from 'vitest';
import { CALLS } from '../../../lib/catalogue/sources/call.ts';
import { PROPERTIES } from '../../../lib/catalogue/sources/property.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import type { DemoEstate } from '../../../lib/demo/vcenter/estate.ts';
import { type ParsedSeries, parseExposition } from '../../support/exposition.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from '../cli/vsweep-command.ts';
import { startTarget } from '../vsphere/demo-target.ts';
import { writeSweepFolder } from './sweep-folder.ts';

const READ = COLLECTORS.filter(({ rows }) =>
  rows.every(({ source }) => [PROPERTIES, CALLS].includes((source.over?.source ?? source).reader)),
);

const estate = createDemoEstate();
const ESTATE: DemoEstate = {
  ...estate,
  datastores: estate.datastores.map((one) => ({ ...one, datastoreCluster: 'group-p31' })),
  datastoreClusters: [{ moref: 'group-p31', name: 'pod', datacenter: 'demo' }],
  distributedSwitches: [
    {
      moref: 'dvs-41',
      name: 'dvs01',
      datacenter: 'demo',
      portgroups: [{ moref: 'dvportgroup-42', name: 'storage' }],
    },
  ],
};

/** A whole run over the simulated vCenter: listed, read in batches, merged, printed. */
async function sweep(estate = ESTATE, collectors = READ.map(({ name }) => name)) {
  await using vcenter = await startTarget({
    hosts: createDemoFleet().map((host) => host.vcenter),
    estate,
  });
  await using folder = await createTemporaryFolder('catalogue');
  await writeSweepFolder(folder.path, vcenter, { name: 'inventory', collectors });
  return await vsweep(folder.path, 'sweep', 'inventory', '--dry-run');
}

describe('a sweep of everything that is read from properties or by calls', () => {
  let swept: Awaited<ReturnType<typeof sweep>>;
  let series: readonly ParsedSeries[] = [];
  beforeAll(async () => {
    swept = await sweep();
    series = parseExposition(swept.output);
  }, 60_000);

  const valuesOf = (name: string, wanted: Readonly<Record<string, string>>) =>
    of(name)
      .filter((one) => Object.entries(wanted).every(([label, text]) => one.labels[label] === text))
      .map(({ value }) => value);
  const of = (name: string) => series.filter((one) => one.name === name);

  it('succeeds without a warning of any collector', () => {
    expect(swept.errors).not.toMatch(/could not be read|is none of|left out/);
    expect(swept.exitCode, swept.errors).toBe(0);
  });

  /** The simulated firmware has no such sensor, and no pool is limited in its memory; their golden files do. */
  const NOT_THERE =
    /^vmware_host_sensor_(power_voltage|power_current|redundancy)$|^vmware_resource_pool_memory_limit_bytes$/;

  it.each(READ)('has series of every metric of $name', ({ metrics }) => {
    for (const { name } of metrics)
      expect([name, of(name).length > 0]).toEqual([name, !NOT_THERE.test(name)]);
  });

  it('has the load of hosts that are powered on, and the state of all', () => {
    expect(of('vmware_host_power_state')).toHaveLength(60);
    expect(of('vmware_host_power_state').filter(({ value }) => value === 0)).toHaveLength(1);
    expect(of('vmware_host_cpu_usage')).toHaveLength(59);
    expect(of('vmware_host_connected').filter(({ value }) => value === 0)).toHaveLength(1);
  });

  it('names each machine by what it stands in', () => {
    expect(of('vmware_vm_num_cpu').map(({ labels }) => labels)).toContainEqual({
      vm_name: 'web01',
      ds_name: 'fast01',
      host_name: 'esx01.example.org',
      dc_name: 'demo',
      cluster_name: 'cluster-1',
    });
    expect(of('vmware_vm_snapshots').map(({ labels, value }) => [labels['vm_name'], value])).toEqual([
      ['web01', 4],
      ['db01', 2],
    ]);
  });

  it('counts the machines of each cluster by what they are', () => {
    const ofFirst = (name: string) => of(name).filter(({ labels }) => labels['cluster_name'] === 'cluster-1');
    expect(ofFirst('vmware_cluster_vms').map(({ labels, value }) => [labels['power_state'], value])).toEqual([
      ['poweredOn', 4],
      ['poweredOff', 1],
      ['suspended', 1],
    ]);
    expect(ofFirst('vmware_cluster_vm_templates').map(({ value }) => value)).toEqual([0]);
    expect(of('vmware_cluster_vms')).toHaveLength(9);
  });

  it.each([
    ['a certificate that ended', 'vmware_host_certificate_expiry_timestamp_seconds', {}, 1_767_323_045],
    ['a reboot that is due', 'vmware_host_reboot_required', {}, 1],
    ['two configuration issues', 'vmware_host_config_issues', {}, 2],
    [
      'one of a class of its own',
      'vmware_host_config_issues_by_type',
      { type: 'HostNoRedundantManagementNetworkEvent' },
      1,
    ],
    [
      'one of an EventEx',
      'vmware_host_config_issues_by_type',
      { type: 'esx.problem.net.redundancy.lost' },
      1,
    ],
    ['another profile', 'vmware_host_compliant', {}, 0],
    ['no dump partition', 'vmware_host_coredump_partition_active', {}, 0],
    ['a link that is down', 'vmware_host_nic_link_up', { nic: 'vmnic0' }, 0],
    ['one that is up', 'vmware_host_nic_speed_mbps', { nic: 'vmnic1' }, 25_000],
    ['paths that are dead', 'vmware_host_storage_paths', { state: 'dead' }, 2],
    ['a storage device that is lost', 'vmware_host_luns', { state: 'lostCommunication' }, 1],
    [
      'a clock that is not synchronized',
      'vmware_host_time_synchronized',
      { host_name: 'esx11.example.org' },
      0,
    ],
    ['an HA agent that is isolated', 'vmware_host_ha_connected', { host_name: 'esx26.example.org' }, 0],
    ['logs that go nowhere', 'vmware_host_syslog_target_set', { host_name: 'esx17.example.org' }, 0],
    ['scratch in memory', 'vmware_host_scratch_persistent', { host_name: 'esx17.example.org' }, 0],
    [
      'a lockdown',
      'vmware_host_lockdown_mode',
      { host_name: 'esx42.example.org', mode: 'lockdownNormal' },
      1,
    ],
  ])('shows of a host %s', (_, name, labels, value) => {
    expect(valuesOf(name, { host_name: 'esx23.example.org', ...labels })).toEqual([value]);
  });

  it.each([
    ['a question', 'vmware_vm_question_pending', {}, 1],
    ['a consolidation that is needed', 'vmware_vm_consolidation_needed', {}, 1],
    ['a mounted installer', 'vmware_vm_tools_installer_mounted', {}, 1],
    ['old hardware', 'vmware_vm_hardware_version', {}, 8],
    ['no heartbeat', 'vmware_vm_heartbeat_state', { state: 'red' }, 1],
    ['no protection', 'vmware_vm_ha_protected', {}, 0],
    ['a limit of the CPU', 'vmware_vm_cpu_limit_mhz', {}, 1_024],
    ['a limit of the memory', 'vmware_vm_memory_limit_bytes', {}, 2 ** 30],
    ['no question of another', 'vmware_vm_question_pending', { vm_name: 'db01' }, 0],
    ['snapshots of another', 'vmware_vm_snapshot_size_bytes', { vm_name: 'db01' }, 2 * (2 ** 20 + 30_000)],
  ])('shows of a machine %s', (_, name, labels, value) => {
    expect(valuesOf(name, { vm_name: 'web02', ...labels })).toEqual([value]);
  });

  it.each([
    ['vSphere HA that is off', 'vmware_cluster_ha_enabled', {}, 0],
    ['hosts that are not monitored', 'vmware_cluster_ha_host_monitoring', {}, 0],
    ['no admission control', 'vmware_cluster_ha_admission_control', {}, 0],
    ['no host that may fail', 'vmware_cluster_ha_current_failover_level', {}, 0],
    [
      'what is free for a failover',
      'vmware_cluster_ha_failover_resources_percent',
      { resource: 'memory' },
      3,
    ],
    ['DRS that is off', 'vmware_cluster_drs_enabled', {}, 0],
    ['DRS that asks', 'vmware_cluster_drs_automation_mode', { mode: 'manual' }, 1],
    ['a DRS fault', 'vmware_cluster_drs_faults', {}, 1],
    ['its DRS score', 'vmware_cluster_drs_score', {}, 41],
    ['its imbalance', 'vmware_cluster_drs_imbalance', { kind: 'current' }, 0.35],
    ['an issue by its class', 'vmware_cluster_config_issues_by_type', { type: 'DasDisabledEvent' }, 1],
    ['the capacity beside the whole summary', 'vmware_cluster_cpu_limit_mhz', {}, 20 * 32 * 2_400],
    ['no slots where it is off', 'vmware_cluster_ha_slots', {}, undefined],
    ['slots of another', 'vmware_cluster_ha_slots', { cluster_name: 'cluster-1', state: 'failover' }, 40],
    [
      'what is left of them',
      'vmware_cluster_ha_slots',
      { cluster_name: 'cluster-1', state: 'unreserved' },
      10,
    ],
    ['the memory of one', 'vmware_cluster_ha_slot_memory_bytes', { cluster_name: 'cluster-1' }, 2 ** 27],
    [
      'the datastores of heartbeats of another',
      'vmware_cluster_ha_heartbeat_datastores',
      { cluster_name: 'cluster-1' },
      2,
    ],
    ['no issue of another', 'vmware_cluster_config_issues', { cluster_name: 'cluster-1' }, 0],
  ])('shows of a cluster %s', (_, name, labels, value) => {
    const expected = value === undefined ? [] : [value];
    expect(valuesOf(name, { cluster_name: 'cluster-3', ...labels })).toEqual(expected);
  });

  it('has nothing of the links and paths of a host that vCenter has lost', () => {
    const lost = series.filter(({ labels }) => labels['host_name'] === 'esx48.example.org');
    expect(lost.filter(({ name }) => /_host_(nic|storage|luns|time|ntp)/.test(name))).toEqual([]);
    expect(lost.map(({ name }) => name)).toContain('vmware_host_reboot_required');
  });

  it('names the alarms of each object, and of the whole vCenter', () => {
    const [web01] = of('vmware_vm_yellow_alarms').filter(({ labels }) => labels['vm_name'] === 'web01');
    expect([web01?.labels['alarms'], web01?.value]).toEqual(['triggeredAlarm:Virtual machine CPU usage', 1]);
    const red = of('vmware_host_red_alarms').filter(({ value }) => value === 1);
    expect(red.map(({ labels }) => [labels['host_name'], labels['alarms']])).toEqual([
      ['esx48.example.org', 'triggeredAlarm:HostConnectionStateAlarm'],
    ]);
    expect(of('vmware_alarm_triggered').map(({ labels }) => labels)).toEqual([
      {
        entity_type: 'host',
        entity: 'esx48.example.org',
        entity_id: 'host-1048',
        dc_name: 'demo',
        alarm: 'Host connection and power state',
        severity: 'red',
        acknowledged: 'false',
      },
      {
        entity_type: 'vm',
        entity: 'web01',
        entity_id: 'vm-101',
        dc_name: 'demo',
        alarm: 'Virtual machine CPU usage',
        severity: 'yellow',
        acknowledged: 'true',
      },
    ]);
    expect(of('vmware_alarms').filter(({ value }) => value > 0)).toHaveLength(2);
  });

  it('counts every object of every kind once', () => {
    const kinds = Object.fromEntries(
      of('vsweep_objects')
        .filter(({ labels, value }) => labels['outcome'] === 'ok' && value > 0)
        .map(({ labels, value }) => [labels['kind'], value]),
    );
    expect(kinds).toEqual({
      host: 60,
      vm: 6,
      datastore: 2,
      'datastore-cluster': 1,
      cluster: 3,
      'resource-pool': 3,
      portgroup: 1,
      'distributed-switch': 1,
      vcenter: 1,
      alarm: 2,
    });
  });
});

describe('names of objects', () => {
  /** What vSphere lets a name have; XML carries no other control characters than these. */
  const NAMES = [
    'a/b\\c%d',
    'already %2f encoded',
    'two\nlines\r\nand a\ttab',
    '"quoted" and \\" escaped \\n',
    '{curly="x"} 1',
    '\u0085\u2028next line',
    '🦀'.repeat(80),
    '<b>&amp;</b>',
  ];
  const [first] = estate.virtualMachines;
  const named = (name: string, number: number, ...others: object[]) =>
    Object.assign({}, first, { moref: `vm-${200 + number}`, name, snapshots: [] }, ...others);

  it('are in the exposition as the client of vSphere shows them, whatever they hold', async () => {
    const { output, exitCode, errors } = await sweep(
      { ...ESTATE, virtualMachines: NAMES.map((name, number) => named(name, number)), alarms: [] },
      ['vms'],
    );
    expect(exitCode, errors).toBe(0);
    const found = parseExposition(output).filter(({ name }) => name === 'vmware_vm_num_cpu');
    expect(found.map(({ labels }) => labels['vm_name'])).toEqual(NAMES);
  });

  it('that are equal make one series, of the oldest object, and the other is counted', async () => {
    const { output } = await sweep(
      {
        ...ESTATE,
        virtualMachines: [
          named('twin', 9, { powerState: 'poweredOff' }),
          named('twin', 8, { powerState: 'poweredOn' }),
        ],
        alarms: [],
      },
      ['vms'],
    );
    const series = parseExposition(output);
    const of = (name: string) => series.filter((one) => one.name === name).map(({ value }) => value);
    expect(of('vmware_vm_power_state')).toEqual([1]);
    expect(of('vmware_vm_num_cpu')).toHaveLength(1);
    expect(of('vsweep_duplicate_samples')[0]).toBeGreaterThanOrEqual(2);
  });
});
