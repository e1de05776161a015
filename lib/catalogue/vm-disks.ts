import { type Counted, instanceRow } from './counted.ts';
import type { MetricRow } from './row.ts';

const OF_DISKS: readonly Counted[] = [
  ['virtualDisk.totalReadLatency.average', 'Latency of reads of the virtual disk', 'ms', 'queried'],
  ['virtualDisk.totalWriteLatency.average', 'Latency of writes of the virtual disk', 'ms', 'queried'],
  ['virtualDisk.numberReadAveraged.average', 'Reads of the virtual disk', '1/s', 'queried'],
  ['virtualDisk.numberWriteAveraged.average', 'Writes of the virtual disk', '1/s', 'queried'],
  ['virtualDisk.read.average', 'Data read from the virtual disk', 'KB/s', 'queried'],
  ['virtualDisk.write.average', 'Data written to the virtual disk', 'KB/s', 'queried'],
  ['virtualDisk.readOIO.latest', 'Reads of the virtual disk under way', 'number', 'queried'],
  ['virtualDisk.writeOIO.latest', 'Writes of the virtual disk under way', 'number', 'queried'],
];

/**
 * Performance counters of each virtual disk, the newest values. A collector of its own, because its series are virtual
 * machines × disks × 8.
 */
export const VM_DISKS: readonly MetricRow[] = [
  // `scsi0:1`, `nvme0:0`, `sata0:0`, `ide0:1`
  ...OF_DISKS.map(instanceRow('vm', { label: 'disk', pattern: /^(?:scsi|nvme|sata|ide)\d+:\d+$/ })),
];
