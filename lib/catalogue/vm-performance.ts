import { type Counted, countedRow } from './counted.ts';
import type { MetricRow } from './row.ts';

/** The 24 of vmware_exporter 0.18.4 (`_vmware_get_vm_perf_manager_metrics`). */
const OF_VMWARE_EXPORTER: readonly Counted[] = [
  [
    'cpu.ready.summation',
    'Time in which the virtual machine was ready to run and got no processor',
    'ms in 20 s',
    'queried',
  ],
  [
    'cpu.maxlimited.summation',
    'Time in which the CPU limit kept the virtual machine from running',
    'ms in 20 s',
  ],
  ['cpu.usage.average', 'CPU usage', 'percent × 100'],
  ['cpu.usagemhz.average', 'CPU usage', 'MHz', 'queried'],
  ['cpu.costop.summation', 'Time in which virtual CPUs waited for each other', 'ms in 20 s', 'queried'],
  ['cpu.idle.summation', 'Time in which virtual CPUs were idle', 'ms in 20 s'],
  ['cpu.demand.average', 'CPU that the virtual machine would use if nothing limited it', 'MHz', 'queried'],
  ['mem.usage.average', 'Memory usage', 'percent × 100', 'queried'],
  ['mem.consumed.average', 'Memory of the host that the virtual machine holds', 'KB'],
  ['mem.active.average', 'Memory that the virtual machine used lately', 'KB'],
  ['mem.swapped.average', 'Memory that the host swapped out', 'KB', 'queried'],
  ['mem.vmmemctl.average', 'Memory that ballooning took from the virtual machine', 'KB', 'queried'],
  ['disk.maxTotalLatency.latest', 'Highest latency of all disks', 'ms', 'queried'],
  ['disk.usage.average', 'Reads and writes of all disks', 'KB/s'],
  ['disk.read.average', 'Reads of all disks', 'KB/s', 'queried'],
  ['disk.write.average', 'Writes of all disks', 'KB/s', 'queried'],
  ['net.received.average', 'Data received', 'KB/s', 'queried'],
  ['net.transmitted.average', 'Data sent', 'KB/s', 'queried'],
  ['net.multicastRx.summation', 'Multicast packets received', 'in 20 s', 'queried'],
  ['net.multicastTx.summation', 'Multicast packets sent', 'in 20 s', 'queried'],
  ['net.broadcastTx.summation', 'Broadcast packets sent', 'in 20 s', 'queried'],
  ['net.broadcastRx.summation', 'Broadcast packets received', 'in 20 s', 'queried'],
  ['net.droppedRx.summation', 'Received packets dropped', 'in 20 s', 'queried'],
  ['net.droppedTx.summation', 'Packets dropped that were to be sent', 'in 20 s', 'queried'],
];

/** What the dashboards of OpenTelemetry's receiver and of telegraf ask for besides. */
const FURTHER: readonly Counted[] = [
  ['net.usage.average', 'Data received and sent', 'KB/s', 'queried'],
  ['net.packetsRx.summation', 'Packets received', 'in 20 s', 'queried'],
  ['net.packetsTx.summation', 'Packets sent', 'in 20 s', 'queried'],
];

/** Performance counters of virtual machines as a whole, the newest values. */
export const VM_PERFORMANCE: readonly MetricRow[] = [...OF_VMWARE_EXPORTER, ...FURTHER].map(countedRow('vm'));
