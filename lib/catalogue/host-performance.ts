import { type Counted, countedRow } from './counted.ts';
import type { MetricRow } from './row.ts';

/** The 24 of vmware_exporter 0.18.4 (`_vmware_get_host_perf_manager_metrics`). */
const OF_VMWARE_EXPORTER: readonly Counted[] = [
  ['cpu.costop.summation', 'Time in which virtual CPUs waited for each other', 'ms in 20 s', 'queried'],
  ['cpu.demand.average', 'CPU that all virtual machines would use if nothing limited them', 'MHz', 'queried'],
  ['cpu.idle.summation', 'Time in which CPUs were idle', 'ms in 20 s'],
  [
    'cpu.ready.summation',
    'Time in which virtual machines were ready to run and got no processor',
    'ms in 20 s',
    'queried',
  ],
  [
    'cpu.swapwait.summation',
    'Time in which virtual machines waited for swapped memory',
    'ms in 20 s',
    'queried',
  ],
  ['cpu.usage.average', 'CPU usage', 'percent × 100'],
  ['cpu.usagemhz.average', 'CPU usage', 'MHz', 'queried'],
  ['cpu.used.summation', 'Time in which CPUs were used', 'ms in 20 s'],
  ['disk.read.average', 'Reads of all disks', 'KB/s', 'queried'],
  ['disk.write.average', 'Writes of all disks', 'KB/s', 'queried'],
  ['mem.active.average', 'Memory that was used lately', 'KB', 'queried'],
  ['mem.latency.average', 'Time in which virtual machines waited for memory', 'percent × 100', 'queried'],
  ['mem.swapin.average', 'Memory swapped in since virtual machines were started', 'KB'],
  ['mem.swapinRate.average', 'Memory swapped in', 'KB/s', 'queried'],
  ['mem.swapout.average', 'Memory swapped out since virtual machines were started', 'KB'],
  ['mem.swapoutRate.average', 'Memory swapped out', 'KB/s', 'queried'],
  ['mem.vmmemctl.average', 'Memory that ballooning took from virtual machines', 'KB', 'queried'],
  ['net.bytesRx.average', 'Data received', 'KB/s', 'queried'],
  ['net.bytesTx.average', 'Data sent', 'KB/s', 'queried'],
  ['net.droppedRx.summation', 'Received packets dropped', 'in 20 s', 'queried'],
  ['net.droppedTx.summation', 'Packets dropped that were to be sent', 'in 20 s', 'queried'],
  ['net.errorsRx.summation', 'Receive errors', 'in 20 s', 'queried'],
  ['net.errorsTx.summation', 'Send errors', 'in 20 s', 'queried'],
  ['net.usage.average', 'Data received and sent', 'KB/s', 'queried'],
];

/**
 * Asked for by vmware_exporter's own dashboard and never emitted by it, what watches storage and memory, and what
 * OpenTelemetry's alert on packet errors divides by.
 */
const FURTHER: readonly Counted[] = [
  ['mem.usage.average', 'Memory usage', 'percent × 100', 'queried'],
  ['mem.state.latest', 'State of free memory, as vSphere numbers it: high, clear, soft, hard, low', 'number'],
  ['disk.maxTotalLatency.latest', 'Highest latency of all disks', 'ms'],
  ['disk.commandsAborted.summation', 'Disk commands aborted', 'in 20 s'],
  ['disk.busResets.summation', 'Bus resets', 'in 20 s'],
  ['net.packetsRx.summation', 'Packets received', 'in 20 s', 'queried'],
  ['net.packetsTx.summation', 'Packets sent', 'in 20 s', 'queried'],
];

/** How vmware_exporter's dashboard `esxi.json` spells them: it asks for names that vmware_exporter never emits. */
const ALIASES: Readonly<Record<string, string>> = {
  vmware_host_net_bytesRx_average: 'vmware_host_net_bytesRX_average',
  vmware_host_net_bytesTx_average: 'vmware_host_net_bytesTX_average',
  vmware_host_net_droppedRx_summation: 'vmware_host_net_droppedRX_summation',
  vmware_host_net_droppedTx_summation: 'vmware_host_net_droppedTX_summation',
  vmware_host_net_errorsRx_summation: 'vmware_host_net_errorRX_summation',
  vmware_host_net_errorsTx_summation: 'vmware_host_net_errorTX_summation',
};

const WHOLE = [...OF_VMWARE_EXPORTER, ...FURTHER].map(countedRow('host'));

/** Performance counters of hosts as a whole, the newest values. */
export const HOST_PERFORMANCE: readonly MetricRow[] = [
  ...WHOLE,
  ...WHOLE.flatMap((row) => {
    const alias = ALIASES[row.name];
    return alias === undefined
      ? []
      : [{ ...row, name: alias, help: `${row.help}; another spelling of ${row.name}` }];
  }),
];
