import type { MetricRow } from './row.ts';
import { number, numberOf } from './sources/conversions.ts';
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
      const [all, effective] = [ALL, EFFECTIVE].map((path) => numberOf(get(path)));
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
];
