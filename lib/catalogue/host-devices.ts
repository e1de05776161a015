import { type Counted, instanceRow } from './counted.ts';
import type { MetricRow } from './row.ts';

const OF_DEVICES: readonly Counted[] = ['total', 'device', 'kernel', 'queue'].flatMap((where) =>
  (['Read', 'Write'] as const).map(
    (which): Counted => [
      `disk.${where}${which}Latency.average`,
      `Latency of ${which.toLowerCase()}s of the device, ${where === 'total' ? 'in all' : `in the ${where}`}`,
      'ms',
      'queried',
    ],
  ),
);

/** Of the host as a whole, too: `vmware_host_disk_read_average`. */
const THROUGHPUT: readonly Counted[] = [
  ['disk.read.average', 'Reads of the device', 'KB/s', 'queried'],
  ['disk.write.average', 'Writes of the device', 'KB/s', 'queried'],
];

const OF_NICS: readonly Counted[] = [
  ['net.packetsRx.summation', 'Packets received by the network adapter', 'in 20 s', 'queried'],
  ['net.packetsTx.summation', 'Packets sent by the network adapter', 'in 20 s', 'queried'],
];

/**
 * Performance counters of each storage device and network adapter of hosts, the newest values. A collector of its own,
 * because its series are hosts × devices × 10: with 1,000 hosts that share 200 devices 2 million.
 */
export const HOST_DEVICES: readonly MetricRow[] = [
  // `naa.…`, `mpx.…`, `t10.…`: every instance but the whole host
  ...OF_DEVICES.map(instanceRow('host', { label: 'device', pattern: /./ })),
  ...THROUGHPUT.map(instanceRow('host', { label: 'device', pattern: /./, besideWhole: true })),
  ...OF_NICS.map(instanceRow('host', { label: 'nic', pattern: /^vmnic\d+$/, besideWhole: true })),
];
