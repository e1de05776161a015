import type { MetricRow } from './row.ts';
import { amountOf, boolean, label, length, number } from './sources/conversions.ts';
import { computed, optional, property } from './sources/property.ts';

const DATASTORE = {
  kind: 'datastore',
  preset: 'vmware_exporter',
  privilege: 'System.Read',
  labels: [],
} as const;
/** StoragePod.summary takes less than that of a datastore. */
const POD = { ...DATASTORE, kind: 'datastore-cluster', privilege: 'System.View', since: '5.0' } as const;

const CAPACITY = 'summary.capacity';
const FREE = 'summary.freeSpace';
const UNCOMMITTED = 'summary.uncommitted';
const none = (value: number) => [{ labels: [], value }];

/**
 * Space and state of datastores; names (`uncommited` and `provisoned` are its own), labels and values of vmware_exporter
 * 0.18.4 (`_vmware_get_datastores`), to which an unset `uncommitted` is 0.
 */
export const DATASTORES: readonly MetricRow[] = [
  {
    ...DATASTORE,
    name: 'vmware_datastore_capacity_size',
    help: 'Capacity of the datastore, in bytes',
    unit: 'bytes',
    source: property(CAPACITY, number()),
    since: '2.0',
    isQueried: true,
  },
  {
    ...DATASTORE,
    name: 'vmware_datastore_freespace_size',
    help: 'Free space of the datastore, in bytes',
    unit: 'bytes',
    source: property(FREE, number()),
    since: '2.0',
    isQueried: true,
  },
  {
    ...DATASTORE,
    name: 'vmware_datastore_uncommited_size',
    help: 'Space that virtual machines may still take of the datastore, in bytes; 0 when vSphere gives none',
    unit: 'bytes',
    source: optional(UNCOMMITTED, number(), none(0)),
    since: '4.0',
    noSample: 'when it cannot be read',
  },
  {
    ...DATASTORE,
    name: 'vmware_datastore_provisoned_size',
    help: 'Space in use and that virtual machines may still take of the datastore, in bytes',
    unit: 'bytes',
    source: computed([CAPACITY, FREE, UNCOMMITTED], (get) => {
      const [capacity, free] = [CAPACITY, FREE].map((path) => amountOf(get(path)));
      const uncommitted = amountOf(get(UNCOMMITTED) ?? 0);
      return capacity === undefined || free === undefined || uncommitted === undefined
        ? []
        : none(capacity - free + uncommitted);
    }),
    since: '4.0',
    noSample: 'when a part of it cannot be read',
  },
  {
    ...DATASTORE,
    name: 'vmware_datastore_hosts',
    help: 'Number of hosts that have the datastore',
    unit: 'number',
    source: optional('host', length, none(0)),
    since: '2.0',
    noSample: 'when it cannot be read',
  },
  {
    ...DATASTORE,
    name: 'vmware_datastore_vms',
    help: 'Number of virtual machines on the datastore',
    unit: 'number',
    source: optional('vm', length, none(0)),
    since: '2.0',
    noSample: 'when it cannot be read',
  },
  {
    ...DATASTORE,
    name: 'vmware_datastore_maintenance_mode',
    help: 'Maintenance mode as a label, normal, enteringMaintenance, inMaintenance or unknown; always 1',
    unit: 'info',
    source: optional('summary.maintenanceMode', label, [{ labels: ['unknown'], value: 1 }]),
    labels: ['mode'],
    since: '5.0',
    noSample: 'when it cannot be read',
  },
  {
    ...DATASTORE,
    name: 'vmware_datastore_type',
    help: 'Type of the file system as a label, such as VMFS, NFS or vsan; always 1',
    unit: 'info',
    source: property('summary.type', label),
    labels: ['ds_type'],
    since: '2.0',
  },
  {
    ...DATASTORE,
    name: 'vmware_datastore_accessible',
    help: 'Whether a host can access the datastore',
    unit: 'boolean',
    source: property('summary.accessible', boolean),
    since: '2.0',
  },
  {
    ...POD,
    name: 'vmware_datastore_cluster_capacity_bytes',
    help: 'Capacity of the datastore cluster, in bytes',
    unit: 'bytes',
    source: optional(CAPACITY, number()),
  },
  {
    ...POD,
    name: 'vmware_datastore_cluster_free_bytes',
    help: 'Free space of the datastore cluster, in bytes',
    unit: 'bytes',
    source: optional(FREE, number()),
  },
];
