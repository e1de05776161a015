import type { MetricRow, Point } from './row.ts';
import { aggregate, type Member } from './sources/aggregate.ts';
import { amountOf, number } from './sources/conversions.ts';
import { computed, property } from './sources/property.ts';

const CLUSTER = {
  kind: 'cluster',
  preset: 'vmware_exporter',
  privilege: 'System.Read',
  labels: [],
  since: '2.0',
  isQueried: true,
} as const;
const MEBIBYTE = 2 ** 20;
const ALL = 'summary.numHosts';
const EFFECTIVE = 'summary.numEffectiveHosts';

const POWER = 'runtime.powerState';
const TEMPLATE = 'summary.config.template';
/** VirtualMachinePowerState. */
const POWER_STATES = ['poweredOn', 'poweredOff', 'suspended'] as const;

/** What clusters are counted by; a metric of machines it is not. */
const MACHINE: MetricRow = {
  name: 'vmware_vm_power_info',
  help: 'Power state, and whether it is a template, as labels; always 1',
  unit: 'info',
  kind: 'vm',
  source: computed([POWER, TEMPLATE], (get) => [
    { labels: [String(get(POWER)), String(get(TEMPLATE))], value: 1 },
  ]),
  labels: ['power_state', 'template'],
  preset: 'vmware_exporter',
  privilege: 'System.Read',
  since: '2.0',
};

/** Machines of a power state that are templates, or are none. */
const machines = (members: readonly Member[], powerState: string, isTemplate: boolean): number =>
  members.filter(({ points }) =>
    points.some(({ labels: [power, template] }) => power === powerState && template === String(isTemplate)),
  ).length;

const ofMachines = (count: (members: readonly Member[]) => readonly Point[]) =>
  aggregate(MACHINE, (members) => ({ points: count(members), warnings: [] }), { isTotal: true });

/**
 * Capacity of clusters, which OpenTelemetry's vcenterreceiver has as `vcenter_cluster_*`. Effective is what hosts have
 * for virtual machines that are neither in maintenance nor out of reach.
 */
export const CLUSTERS: readonly MetricRow[] = [
  {
    ...CLUSTER,
    name: 'vmware_cluster_cpu_limit_mhz',
    help: 'CPU capacity of all hosts of the cluster, in MHz',
    unit: 'MHz',
    source: property('summary.totalCpu', number()),
  },
  {
    ...CLUSTER,
    name: 'vmware_cluster_cpu_effective_mhz',
    help: 'CPU capacity that is available to virtual machines, in MHz',
    unit: 'MHz',
    source: property('summary.effectiveCpu', number()),
  },
  {
    ...CLUSTER,
    name: 'vmware_cluster_memory_limit_bytes',
    help: 'Memory of all hosts of the cluster, in bytes',
    unit: 'bytes',
    source: property('summary.totalMemory', number()),
  },
  {
    ...CLUSTER,
    name: 'vmware_cluster_memory_effective_bytes',
    help: 'Memory that is available to virtual machines, in bytes',
    unit: 'bytes',
    // The only one of them in MB: ComputeResourceSummary.effectiveMemory.
    source: property('summary.effectiveMemory', number(MEBIBYTE)),
  },
  {
    ...CLUSTER,
    name: 'vmware_cluster_hosts',
    help: 'Number of hosts of the cluster, by whether virtual machines can use them',
    unit: 'number',
    source: computed([ALL, EFFECTIVE], (get) => {
      const [all, effective] = [ALL, EFFECTIVE].map((path) => amountOf(get(path)));
      return all === undefined || effective === undefined
        ? []
        : [
            { labels: ['true'], value: effective },
            { labels: ['false'], value: all - effective },
          ];
    }),
    labels: ['effective'],
    noSample: 'when it cannot be read',
  },
  {
    ...CLUSTER,
    name: 'vmware_cluster_vms',
    help: 'Number of virtual machines of the cluster that are no templates, by power state',
    unit: 'number',
    source: ofMachines((members) =>
      POWER_STATES.map((state) => ({ labels: [state], value: machines(members, state, false) })),
    ),
    labels: ['power_state'],
    noSample: 'when not all of its virtual machines were read',
  },
  {
    ...CLUSTER,
    name: 'vmware_cluster_vm_templates',
    help: 'Number of templates of the cluster',
    unit: 'number',
    source: ofMachines((members) => [
      { labels: [], value: POWER_STATES.reduce((sum, state) => sum + machines(members, state, true), 0) },
    ]),
    noSample: 'when not all of its virtual machines were read',
  },
];
