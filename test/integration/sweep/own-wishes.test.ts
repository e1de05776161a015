import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import { type ParsedSeries, parseExposition } from '../../support/exposition.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from '../cli/vsweep-command.ts';
import { startTarget } from '../vsphere/demo-target.ts';
import { writeSweepFolder } from './sweep-folder.ts';

/** What users of other tools asked for in public, each as the lines of a configuration that have it. */
const WISHES: readonly {
  readonly asked: string;
  readonly metric: string;
  readonly labels: readonly string[];
}[] = [
  {
    asked: 'pryorda/vmware_exporter #368: services of hosts, such as ntpd and vpxa',
    metric: `own_host_service_running: { each: HostSystem config.service.service, value: running, labels: { service: key } }`,
    labels: ['service'],
  },
  {
    asked: 'pryorda/vmware_exporter #6, #391: the network adapters of hosts, with driver and firmware',
    metric: `own_host_nic: { each: HostSystem config.network.pnic, value: 1, labels: { nic: device, driver: driver, firmware: firmwareVersion } }`,
    labels: ['nic', 'driver', 'firmware'],
  },
  {
    asked: 'pryorda/vmware_exporter #120: hosts that are not connected, when it is needed most',
    metric: `own_host_lost: { property: HostSystem runtime.connectionState, test: { matches: "^(disconnected|notResponding)$" } }`,
    labels: [],
  },
  {
    asked:
      'open-telemetry/opentelemetry-collector-contrib #46208: the power state of each virtual machine, by word',
    metric: `own_vm_power: { property: VirtualMachine runtime.powerState, states: [poweredOn, poweredOff, suspended] }`,
    labels: ['state'],
  },
  {
    asked: 'open-telemetry/opentelemetry-collector-contrib #48800: consumed memory of hosts',
    metric: `own_host_memory_consumed_bytes: { counter: HostSystem mem.consumed.average, scale: 1024 }`,
    labels: [],
  },
  {
    asked: 'open-telemetry/opentelemetry-collector-contrib #31218: network usage of each adapter of a host',
    metric: `own_host_nic_usage_bytes_per_second: { counter: HostSystem net.usage.average, scale: 1024, instances: { label: nic, keep: "vmnic*" } }`,
    labels: ['nic'],
  },
  {
    asked:
      'open-telemetry/opentelemetry-collector-contrib #37488: the time that a virtual machine waits for a processor',
    metric: `own_vm_cpu_ready_ratio: { counter: VirtualMachine cpu.ready.summation, scale: 1/20000 }`,
    labels: [],
  },
  {
    asked: 'open-telemetry/opentelemetry-collector-contrib #20523: capacity counters of datastores',
    metric: `own_datastore_used_bytes: { counter: Datastore disk.used.latest, scale: 1024, instances: { label: by } }`,
    labels: ['by'],
  },
  {
    asked: 'influxdata/telegraf #19160: whether DRS of a cluster is on, among other properties',
    metric: `own_cluster_drs: { property: ClusterComputeResource configuration.drsConfig.enabled }`,
    labels: [],
  },
  {
    asked: 'influxdata/telegraf #19161: custom properties of a virtual machine, texts beside a number',
    metric: `own_vm_guest: { property: VirtualMachine guest.toolsRunningStatus, test: { equals: guestToolsRunning }, labels: { host: guest.hostName, hardware: config.version } }`,
    labels: ['host', 'hardware'],
  },
  {
    asked:
      'sapcc/helm-charts, alerts of vrops-exporter: an advanced setting of a host that is not as it should be',
    metric: `own_host_scratch_lost: { property: 'HostSystem config.option["ScratchConfig.CurrentScratchLocation"].value', test: { matches: "^/tmp" } }`,
    labels: [],
  },
  {
    asked: 'samber/awesome-prometheus-alerts, VMware: datastores that fill up',
    metric: `own_datastore_free_ratio: { property: Datastore summary.freeSpace, divide: summary.capacity, labels: { type: summary.type } }`,
    labels: ['type'],
  },
];

const nameOf = (metric: string) => metric.slice(0, metric.indexOf(':'));

describe('what users of other tools asked for', () => {
  let series: readonly ParsedSeries[] = [];
  let errors = '';
  beforeAll(async () => {
    await using vcenter = await startTarget({
      hosts: createDemoFleet().map((host) => host.vcenter),
      estate: createDemoEstate(),
    });
    await using folder = await createTemporaryFolder('own-wishes');
    const own = parse(WISHES.map(({ metric }) => metric).join('\n')) as unknown;
    await writeSweepFolder(folder.path, vcenter, { name: 'own', collectors: ['own'] }, { metrics: { own } });
    const swept = await vsweep(folder.path, 'sweep', 'own', '--dry-run');
    errors = swept.errors;
    series = swept.output === '' ? [] : parseExposition(swept.output);
  });

  it.each(WISHES)('$asked', ({ metric, labels }) => {
    const found = series.filter(({ name }) => name === nameOf(metric));
    expect(found, errors).not.toEqual([]);
    for (const one of found) expect(Object.keys(one.labels)).toEqual(expect.arrayContaining([...labels]));
  });

  it('are all there without a missing value', () => {
    const missing = series.filter(({ name, value }) => name === 'vsweep_own_missing' && value > 0);
    expect(missing, errors).toEqual([]);
  });
});
