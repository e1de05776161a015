import { CLUSTERS } from '../cluster.ts';
import { DATASTORES } from '../datastore.ts';
import { RESOURCE_POOLS } from '../resource-pool.ts';
import type { MetricRow, Point, Unit } from '../row.ts';
import { dividedBy, MEBIBYTE, onlyValue, otelRow, percent, rowNamed } from './points.ts';

const cluster = (name: string) => rowNamed(CLUSTERS, `vmware_cluster_${name}`);
const pool = (name: string) => rowNamed(RESOURCE_POOLS, `vmware_resource_pool_${name}`);
const SPACE = {
  capacity: rowNamed(DATASTORES, 'vmware_datastore_capacity_size'),
  free: rowNamed(DATASTORES, 'vmware_datastore_freespace_size'),
};

/** One that says just what another row says. */
const same = (name: string, row: MetricRow): MetricRow =>
  otelRow({
    name,
    help: row.help,
    unit: row.unit,
    labels: row.labels,
    of: { row },
    toPoints: ({ row: points }) => [...points],
  });

/** VirtualMachinePowerState -> the receiver's word. */
const POWER_STATES: ReadonlyMap<string, string> = new Map([
  ['poweredOn', 'on'],
  ['poweredOff', 'off'],
  ['suspended', 'suspended'],
]);

/** `vcenter_cluster_*` and `vcenter_datastore_*` */
export const OTEL_CAPACITY: readonly MetricRow[] = [
  same('vcenter_cluster_cpu_effective', cluster('cpu_effective_mhz')),
  same('vcenter_cluster_cpu_limit', cluster('cpu_limit_mhz')),
  same('vcenter_cluster_host_count', cluster('hosts')),
  same('vcenter_cluster_memory_effective_bytes', cluster('memory_effective_bytes')),
  same('vcenter_cluster_memory_limit_bytes', cluster('memory_limit_bytes')),
  otelRow({
    name: 'vcenter_cluster_vm_count',
    help: 'Number of virtual machines of the cluster that are no templates, by power state: on, off or suspended',
    unit: 'number',
    labels: ['power_state'],
    of: { machines: cluster('vms') },
    toPoints: ({ machines }) =>
      machines.map(({ labels: [state = ''], value }) => ({
        labels: [POWER_STATES.get(state) ?? 'unknown'],
        value,
      })),
  }),
  same('vcenter_cluster_vm_template_count', cluster('vm_templates')),
  otelRow({
    name: 'vcenter_datastore_disk_usage_bytes',
    help: 'Space of the datastore, in bytes: used or available',
    unit: 'bytes',
    labels: ['disk_state'],
    of: SPACE,
    toPoints({ capacity, free }) {
      const [all, left] = [onlyValue(capacity), onlyValue(free)];
      if (all === undefined || left === undefined) return [];
      return [
        { labels: ['used'], value: all - left },
        { labels: ['available'], value: left },
      ];
    },
  }),
  otelRow({
    name: 'vcenter_datastore_disk_utilization_percent',
    help: 'Used space of the datastore, in percent of its capacity',
    unit: 'percent',
    of: SPACE,
    toPoints({ capacity, free }) {
      const [all, left] = [onlyValue(capacity), onlyValue(free)];
      return all === undefined || left === undefined ? [] : percent(all - left, all);
    },
    noSample: 'when its capacity is 0; when what it is made from has none',
  }),
];

/** The receiver has no metrics of vApps, which are resource pools to vSphere. */
const ofPool = (
  row: { name: string; help: string; unit: Unit; labels?: readonly string[]; of: MetricRow },
  toPoints: (points: readonly Point[]) => Point[],
): MetricRow =>
  otelRow({
    ...row,
    of: { pool: row.of },
    toPoints: ({ pool: points }, { facts }) => (facts.virtualApp ? [] : toPoints(points)),
    noSample: 'of a vApp; when what it is made from has none',
  });
const unchanged = (points: readonly Point[]): Point[] => [...points];

/** `vcenter_resource_pool_*` */
export const OTEL_POOLS: readonly MetricRow[] = [
  ofPool(
    {
      name: 'vcenter_resource_pool_cpu_shares',
      help: 'CPU shares of the pool',
      unit: 'number',
      of: pool('cpu_shares'),
    },
    unchanged,
  ),
  ofPool(
    {
      name: 'vcenter_resource_pool_cpu_usage',
      help: 'CPU usage of the virtual machines of the pool, in MHz',
      unit: 'MHz',
      of: pool('cpu_usage_mhz'),
    },
    unchanged,
  ),
  ofPool(
    {
      name: 'vcenter_resource_pool_memory_shares',
      help: 'Memory shares of the pool',
      unit: 'number',
      of: pool('memory_shares'),
    },
    unchanged,
  ),
  ofPool(
    {
      name: 'vcenter_resource_pool_memory_usage_mebibytes',
      help: 'Memory usage of the virtual machines of the pool, in MiB, by type: guest, host or overhead',
      unit: 'MiB',
      labels: ['type'],
      of: pool('memory_usage_bytes'),
    },
    (points) => dividedBy(MEBIBYTE, points),
  ),
];
