import { COMMON, type DashboardRow, lines, OF_CLUSTER, stat, table } from './dashboard.ts';

const VM = `${OF_CLUSTER}, vm_name=~"$vm"`;
const ofVm = (name: string, more = '') => `vmware_vm_${name}{${VM}${more}}`;

/** `or` takes one series of each set of labels, so a machine with two reasons needs them as a label to have two rows. */
const because = (reason: string, expr: string) => `label_replace(${expr}, "reason", "${reason}", "", "")`;

/** One virtual machine, or some. */
export const VMS_DASHBOARD: DashboardRow = {
  name: 'vm',
  title: 'vsweep / Virtual machine',
  variables: [
    ...COMMON,
    { name: 'vm', label: 'Virtual machine', series: `vmware_vm_power_state{${OF_CLUSTER}}`, of: 'vm_name' },
  ],
  panels: [
    stat('Running', `sum(${ofVm('power_state')})`),
    stat('Virtual CPUs', `sum(${ofVm('num_cpu')})`),
    stat('Memory', `sum(${ofVm('memory_max')})`, { unit: 'mbytes' }),
    stat('Storage', `sum(${ofVm('storage_committed_bytes')})`, { unit: 'bytes' }),
    stat('With snapshots', `count(${ofVm('snapshots')}) or vector(0)`),
    stat('Question pending', `sum(${ofVm('question_pending')})`, { limits: [1, 1] }),
    lines('CPU usage', 'percent', [
      `100 * ${ofVm('cpu_usage_mhz')} / ${ofVm('max_cpu_usage')}`,
      '{{instance}} {{vm_name}}',
    ]),
    // A summation is in milliseconds of 20 s.
    lines('CPU ready, per CPU', 'percent', [
      `${ofVm('cpu_ready_summation')} / 200 / ${ofVm('num_cpu')}`,
      '{{instance}} {{vm_name}}',
    ]),
    lines('Memory of the guest', 'bytes', [ofVm('guest_memory_usage_bytes'), '{{instance}} {{vm_name}}']),
    lines(
      'Memory taken back',
      'bytes',
      [ofVm('memory_ballooned_bytes'), '{{instance}} {{vm_name}} balloon'],
      [ofVm('memory_swapped_bytes'), '{{instance}} {{vm_name}} swapped'],
    ),
    lines(
      'Disk',
      'KiBs',
      [ofVm('disk_read_average'), '{{instance}} {{vm_name}} read'],
      [ofVm('disk_write_average'), '{{instance}} {{vm_name}} written'],
    ),
    lines('Highest disk latency', 'ms', [ofVm('disk_maxTotalLatency_latest'), '{{instance}} {{vm_name}}']),
    lines(
      'Network',
      'KiBs',
      [ofVm('net_received_average'), '{{instance}} {{vm_name}} received'],
      [ofVm('net_transmitted_average'), '{{instance}} {{vm_name}} sent'],
    ),
    lines(
      'Dropped packets, in 20 s',
      'short',
      [ofVm('net_droppedRx_summation'), '{{instance}} {{vm_name}} received'],
      [ofVm('net_droppedTx_summation'), '{{instance}} {{vm_name}} sent'],
    ),
    lines('Free space of the guest', 'percent', [
      `100 * ${ofVm('guest_disk_free')} / ${ofVm('guest_disk_capacity')}`,
      '{{instance}} {{vm_name}} {{partition}}',
    ]),
    lines('Age of the oldest snapshot', 's', [
      `time() - ${ofVm('snapshot_oldest_timestamp_seconds')}`,
      '{{instance}} {{vm_name}}',
    ]),
    table(
      'Need an answer, a consolidation, or have no heartbeat',
      [
        because('question pending', `${ofVm('question_pending')} == 1`),
        because('consolidation needed', `${ofVm('consolidation_needed')} == 1`),
        because('no heartbeat', `${ofVm('heartbeat_state', ', state="red"')} == 1`),
      ].join(' or '),
    ),
    table('VMware Tools', ofVm('guest_tools_version_status')),
    table(
      'Size of snapshots, top 20',
      `topk(20, sum by (instance, dc_name, vm_name) (${ofVm('snapshot_size_bytes')}))`,
      {
        unit: 'bytes',
      },
    ),
  ],
};
