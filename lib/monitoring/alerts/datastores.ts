import type { Alert } from './alert.ts';

const FREE = '100 * vmware_datastore_freespace_size / vmware_datastore_capacity_size';

/** What is wrong with datastores. */
export const DATASTORE_ALERTS: readonly Alert[] = [
  {
    name: 'VsphereDatastoreInaccessible',
    expr: 'vmware_datastore_accessible == 0',
    for: '5m',
    severity: 'critical',
    summary: 'no host can access the datastore {{ $labels.ds_name }}',
    description:
      'Machines on it cannot read or write. Check the paths (VsphereHostPathsDead), the array and the NFS server.',
    fires: 'a datastore is inaccessible for 5 minutes',
    means: 'Virtual machines on it cannot read or write.',
    lookAt: [
      '`vmware_host_storage_paths{state="dead"}`',
      'the array or NFS server',
      'recent changes of zones, exports or networks',
    ],
    actions: ['mend the storage or the way to it, then *Rescan Storage*'],
  },
  {
    name: 'VsphereDatastoreFull',
    expr: `${FREE} < $datastore_full_percent`,
    for: '10m',
    severity: 'critical',
    summary: 'the datastore {{ $labels.ds_name }} has {{ printf "%.1f" $value }} % free',
    description: 'When it is full, machines with thin disks or snapshots stop until a question is answered.',
    fires: 'a datastore has less than $datastore_full_percent % free for 10 minutes',
    means: 'At 0 % machines with thin disks or snapshots stand still.',
    lookAt: [
      '`topk(5, vmware_vm_snapshot_size_bytes{ds_name="…"})`',
      '`vmware_vm_storage_committed_bytes` of its machines',
    ],
    actions: ['delete old snapshots', 'move machines by Storage vMotion', 'enlarge the datastore'],
  },
  {
    name: 'VsphereDatastoreLow',
    expr: `(${FREE} < $datastore_low_percent) >= $datastore_full_percent`,
    for: '1h',
    severity: 'warning',
    summary: 'the datastore {{ $labels.ds_name }} has {{ printf "%.1f" $value }} % free',
    description: 'VsphereDatastoreFull follows at the next threshold.',
    fires:
      'a datastore has less than $datastore_low_percent %, and not yet less than $datastore_full_percent %, free for an hour',
    means: 'There is time to act before machines stand still.',
    lookAt: [
      '`deriv(vmware_datastore_freespace_size[1d])`: how fast it fills',
      'old snapshots (VsphereVmSnapshotOld)',
    ],
    actions: ['plan for space: move machines, or enlarge the datastore'],
  },
  {
    name: 'VsphereDatastoreOvercommitted',
    expr: '100 * vmware_datastore_provisoned_size / vmware_datastore_capacity_size > $datastore_provisioned_percent',
    for: '1h',
    severity: 'warning',
    summary: 'disks on {{ $labels.ds_name }} may grow to {{ printf "%.0f" $value }} % of its capacity',
    description:
      'Its thin disks may need more space than it has. When several machines fill theirs, the datastore is full.',
    fires:
      'the provisioned space of a datastore is more than $datastore_provisioned_percent % of its capacity for an hour',
    means: 'If machines use what they were promised, the datastore is full.',
    lookAt: [
      'free space and how fast it shrinks',
      '`topk(5, vmware_vm_storage_uncommitted_bytes{ds_name="…"})`',
    ],
    actions: ['move machines, or accept it and set the threshold otherwise'],
  },
];
