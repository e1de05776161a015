import { decodeName } from '../vsphere/inventory/names.ts';
import type { PropertyValue } from '../vsphere/property/retrieved-object.ts';
import { fieldOf, textOf } from '../vsphere/property/value-fields.ts';
import { toSnapshotTrees, walkSnapshots } from '../vsphere/snapshot/snapshot-tree.ts';
import type { MetricRow, Point } from './row.ts';
import {
  amountOf,
  boolean,
  isOneOf,
  label,
  number,
  secondsOf,
  states,
  timestamp,
} from './sources/conversions.ts';
import { each, optional, property, whileConnected, whilePoweredOn } from './sources/property.ts';

const VM = { kind: 'vm', preset: 'vmware_exporter', privilege: 'System.Read', labels: [] } as const;

/** VirtualMachineConnectionState. */
const CONNECTION_STATES = ['connected', 'disconnected', 'orphaned', 'inaccessible', 'invalid'] as const;

const storage = (part: 'committed' | 'uncommitted' | 'unshared', help: string): MetricRow => ({
  ...VM,
  name: `vmware_vm_storage_${part}_bytes`,
  help,
  unit: 'bytes',
  source: optional(`summary.storage.${part}`, number()),
  since: '4.0',
  isQueried: true,
});

const MEBIBYTE = 2 ** 20;

const ofRunning = (path: string, factor?: number) =>
  whileConnected(whilePoweredOn(optional(`summary.quickStats.${path}`, number(factor))));

/** What vSphere keeps up to date about each machine, without a counter; OpenTelemetry's vcenterreceiver is made from it. */
const LOAD: readonly MetricRow[] = [
  {
    ...VM,
    name: 'vmware_vm_cpu_usage_mhz',
    help: 'CPU usage, in MHz',
    unit: 'MHz',
    source: ofRunning('overallCpuUsage'),
    since: '2.0',
    isQueried: true,
  },
  {
    ...VM,
    name: 'vmware_vm_guest_memory_usage_bytes',
    help: 'Memory that the guest uses, in bytes',
    unit: 'bytes',
    source: ofRunning('guestMemoryUsage', MEBIBYTE),
    since: '2.0',
    isQueried: true,
  },
  {
    ...VM,
    name: 'vmware_vm_memory_ballooned_bytes',
    help: 'Memory that ballooning took from the virtual machine, in bytes',
    unit: 'bytes',
    source: ofRunning('balloonedMemory', MEBIBYTE),
    since: '4.0',
    isQueried: true,
  },
  {
    ...VM,
    name: 'vmware_vm_memory_swapped_bytes',
    help: 'Memory that the host swapped out, in bytes',
    unit: 'bytes',
    source: ofRunning('swappedMemory', MEBIBYTE),
    since: '4.0',
    isQueried: true,
  },
];

/** State and size of virtual machines; names, labels and values of vmware_exporter 0.18.4 (`_vmware_get_vms`). */
export const VMS: readonly MetricRow[] = [
  {
    ...VM,
    name: 'vmware_vm_power_state',
    help: 'Whether the virtual machine is powered on',
    unit: 'boolean',
    source: property('runtime.powerState', isOneOf('poweredOn')),
    since: '2.0',
    isQueried: true,
  },
  {
    ...VM,
    name: 'vmware_vm_connection_state',
    help: 'Connection of the virtual machine to vCenter, 1 for the state that it is in and 0 for the others',
    unit: 'state',
    source: property('runtime.connectionState', states(CONNECTION_STATES)),
    labels: ['state'],
    since: '2.0',
  },
  {
    ...VM,
    name: 'vmware_vm_connected',
    help: 'Whether the virtual machine is connected to vCenter',
    unit: 'boolean',
    source: property('runtime.connectionState', isOneOf('connected')),
    since: '2.0',
  },
  {
    ...VM,
    name: 'vmware_vm_boot_timestamp_seconds',
    help: 'Time of the last boot, in seconds since the epoch',
    unit: 'timestamp',
    source: whilePoweredOn(optional('runtime.bootTime', timestamp)),
    since: '2.0',
    isQueried: true,
  },
  {
    ...VM,
    name: 'vmware_vm_num_cpu',
    help: 'Number of virtual CPUs',
    unit: 'number',
    source: optional('summary.config.numCpu', number()),
    since: '2.0',
    isQueried: true,
  },
  {
    ...VM,
    name: 'vmware_vm_memory_max',
    help: 'Memory of the virtual machine, in MB',
    unit: 'MB',
    source: optional('summary.config.memorySizeMB', number()),
    since: '2.0',
    isQueried: true,
  },
  {
    ...VM,
    name: 'vmware_vm_max_cpu_usage',
    help: 'Upper bound of the CPU usage, in MHz',
    unit: 'MHz',
    source: optional('runtime.maxCpuUsage', number()),
    since: '2.0',
    isQueried: true,
  },
  {
    ...VM,
    name: 'vmware_vm_template',
    help: 'Whether it is a template',
    unit: 'boolean',
    source: property('summary.config.template', boolean),
    since: '2.0',
    isQueried: true,
  },
  storage('committed', 'Storage that the virtual machine uses on all datastores, in bytes'),
  storage('uncommitted', 'Storage that the virtual machine may still take on all datastores, in bytes'),
  storage('unshared', 'Storage that the virtual machine shares with no other, in bytes'),
  ...LOAD,
];

const onDisk = (field: 'freeSpace' | 'capacity') =>
  each('guest.disk', (disk) => {
    const path = textOf(fieldOf(disk, 'diskPath'));
    const value = amountOf(fieldOf(disk, field));
    return path === undefined || value === undefined ? undefined : { labels: [path], value };
  });

/** What VMware Tools report of the guest; nothing where they never ran. */
export const VM_GUESTS: readonly MetricRow[] = [
  {
    ...VM,
    name: 'vmware_vm_guest_disk_free',
    help: 'Free space of a file system of the guest, in bytes',
    unit: 'bytes',
    source: onDisk('freeSpace'),
    labels: ['partition'],
    since: '2.0',
  },
  {
    ...VM,
    name: 'vmware_vm_guest_disk_capacity',
    help: 'Size of a file system of the guest, in bytes',
    unit: 'bytes',
    source: onDisk('capacity'),
    labels: ['partition'],
    since: '2.0',
  },
  {
    ...VM,
    name: 'vmware_vm_guest_tools_running_status',
    help: 'State of VMware Tools as a label, toolsOk, toolsOld, toolsNotRunning or toolsNotInstalled; always 1',
    unit: 'info',
    source: optional('guest.toolsStatus', label),
    labels: ['tools_status'],
    since: '2.0',
    isQueried: true,
  },
  {
    ...VM,
    name: 'vmware_vm_guest_tools_version',
    help: 'Version of VMware Tools as a label; always 1',
    unit: 'info',
    source: optional('guest.toolsVersion', label),
    labels: ['tools_version'],
    since: '2.0',
    isQueried: true,
  },
  {
    ...VM,
    name: 'vmware_vm_guest_tools_version_status',
    help: 'Whether the version of VMware Tools is current and supported, as a label; always 1',
    unit: 'info',
    source: optional('guest.toolsVersionStatus2', label),
    labels: ['tools_version_status'],
    since: '5.0',
  },
];

const SNAPSHOT_TREE = 'snapshot.rootSnapshotList';

/** Snapshots of a virtual machine that has some. */
const ofSnapshots = (toPoints: (snapshots: readonly Taken[]) => readonly Point[]) =>
  optional(SNAPSHOT_TREE, {
    as: 'array',
    toPoints: (value) => toPoints(takenOf(value)),
    expected: 'snapshot trees',
  });

interface Taken {
  readonly name: string;
  /** Undefined when the time did not come, or is none. */
  readonly seconds: number | undefined;
}

const takenOf = (value: PropertyValue): Taken[] =>
  Array.from(walkSnapshots(toSnapshotTrees(value)), ({ name, createTime }) => ({
    name: decodeName(name),
    seconds: secondsOf(createTime),
  }));

const SNAPSHOT = {
  ...VM,
  since: '2.0',
  noSample: 'when the virtual machine has no snapshot',
} as const;

/** Names and values of vmware_exporter (`_vmware_full_snapshots_list`). Two snapshots of a machine may have one name. */
export const SNAPSHOTS: readonly MetricRow[] = [
  {
    ...SNAPSHOT,
    name: 'vmware_vm_snapshots',
    help: 'Number of snapshots',
    unit: 'number',
    source: ofSnapshots((snapshots) =>
      snapshots.length === 0 ? [] : [{ labels: [], value: snapshots.length }],
    ),
    isQueried: true,
  },
  {
    ...SNAPSHOT,
    name: 'vmware_vm_snapshot_timestamp_seconds',
    help: 'Time at which a snapshot was taken, in seconds since the epoch',
    unit: 'timestamp',
    source: ofSnapshots((snapshots) =>
      snapshots.flatMap(({ name, seconds }) =>
        seconds === undefined ? [] : [{ labels: [name], value: seconds }],
      ),
    ),
    labels: ['vm_snapshot_name'],
    isQueried: true,
  },
  {
    ...SNAPSHOT,
    name: 'vmware_vm_snapshot_oldest_timestamp_seconds',
    help: 'Time at which the oldest snapshot was taken, in seconds since the epoch',
    unit: 'timestamp',
    source: ofSnapshots((snapshots) => {
      const times = snapshots.flatMap(({ seconds }) => seconds ?? []);
      return times.length === 0 ? [] : [{ labels: [], value: Math.min(...times) }];
    }),
  },
];
