import type { Alert } from './alert.ts';

/** What is wrong with virtual machines. */
export const VM_ALERTS: readonly Alert[] = [
  {
    name: 'VsphereVmNotConnected',
    expr: 'vmware_vm_connection_state{state=~"orphaned|inaccessible|invalid"} == 1',
    for: '$disconnected_for',
    severity: 'critical',
    summary: 'the virtual machine {{ $labels.vm_name }} is {{ $labels.state }}',
    description:
      'vCenter cannot read its files or its registration. Machines of a lost host are not counted: see VsphereHostDisconnected.',
    fires: 'a virtual machine is orphaned, inaccessible or invalid for $disconnected_for',
    means: 'Its datastore is away, its files are gone, or it was removed from its host by hand.',
    lookAt: [
      'whether its datastore is accessible (`vmware_datastore_accessible`)',
      'the recent tasks and events of the machine',
    ],
    actions: [
      'mend the datastore',
      'if its files are there: *Remove from Inventory*, then *Register VM* from the datastore',
    ],
  },
  {
    name: 'VsphereVmQuestionPending',
    expr: 'vmware_vm_question_pending == 1',
    for: '5m',
    severity: 'critical',
    summary: 'the virtual machine {{ $labels.vm_name }} is stopped until a question is answered',
    description:
      'Its summary page in the vSphere Client shows the question, such as one about a full datastore.',
    fires: 'a virtual machine waits for an answer for 5 minutes',
    means: 'The machine does not run until somebody answers.',
    lookAt: ['the question on the summary page of the machine', 'free space of its datastore'],
    actions: ['remove the cause, then answer *Retry*'],
  },
  {
    name: 'VsphereVmConsolidationNeeded',
    expr: 'vmware_vm_consolidation_needed == 1',
    for: '1h',
    severity: 'warning',
    summary: 'disks of {{ $labels.vm_name }} have to be consolidated',
    description:
      'A removed snapshot left files, which grow. *Snapshots > Consolidate* in the menu of the machine.',
    fires: 'the disks of a virtual machine have to be consolidated for an hour',
    means:
      'A backup or a removal of a snapshot was interrupted. The delta files grow until the datastore is full.',
    lookAt: [
      'whether a backup runs, which holds the disks',
      'files `*-delta.vmdk` and `*-sesparse.vmdk` of the machine',
    ],
    actions: [
      '*Snapshots > Consolidate* in the menu of the machine, at a time of little load',
      'if it fails by a lock: detach the disks from the backup proxy',
    ],
  },
  {
    name: 'VsphereVmSnapshotOld',
    expr: 'time() - vmware_vm_snapshot_oldest_timestamp_seconds > $snapshot_days * 86400',
    severity: 'warning',
    summary: '{{ $labels.vm_name }} has a snapshot that is {{ $value | humanizeDuration }} old',
    description:
      'Snapshots grow and make the machine slow. `vmware_vm_snapshot_timestamp_seconds` names them.',
    fires: 'the oldest snapshot of a virtual machine is older than $snapshot_days days',
    means: 'A snapshot is no backup: it grows with each write, and its removal takes longer the older it is.',
    lookAt: ['`vmware_vm_snapshot_timestamp_seconds` and `vmware_vm_snapshot_size_bytes` of the machine'],
    actions: ['ask who took it, then delete it in *Manage Snapshots*'],
  },
  {
    name: 'VsphereVmGuestDiskFull',
    expr: '100 * vmware_vm_guest_disk_free / vmware_vm_guest_disk_capacity < $guest_free_percent',
    for: '15m',
    severity: 'warning',
    summary: '{{ $labels.partition }} of {{ $labels.vm_name }} has {{ printf "%.0f" $value }} % free',
    description: 'As VMware Tools report it from inside the guest.',
    fires: 'a file system of a guest has less than $guest_free_percent % free for 15 minutes',
    means: 'The guest will soon be unable to write there.',
    lookAt: ['what grows, inside the guest'],
    actions: ['delete or move data in the guest, or enlarge the disk and then the file system'],
  },
  {
    name: 'VsphereVmHeartbeatLost',
    expr: 'vmware_vm_heartbeat_state{state="red"} == 1',
    for: '10m',
    severity: 'warning',
    summary: 'VMware Tools of {{ $labels.vm_name }} send no heartbeat',
    description: 'The guest may hang. Without VMware Tools the state is gray, and nothing fires.',
    fires: 'the heartbeat of VMware Tools is red for 10 minutes',
    means: 'The operating system of the guest hangs, or VMware Tools stopped in it.',
    lookAt: ['the console of the machine', 'its CPU usage: all or nothing is a hang'],
    actions: ['restart VMware Tools in the guest, or the guest'],
  },
];
