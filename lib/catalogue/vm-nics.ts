import { type Counted, instanceRow } from './counted.ts';
import type { MetricRow } from './row.ts';

const OF_NICS: readonly Counted[] = [
  ['net.usage.average', 'Data received and sent by the network adapter', 'KB/s', 'queried'],
  ['net.packetsRx.summation', 'Packets received by the network adapter', 'in 20 s', 'queried'],
  ['net.packetsTx.summation', 'Packets sent by the network adapter', 'in 20 s', 'queried'],
  ['net.droppedRx.summation', 'Received packets of the network adapter dropped', 'in 20 s', 'queried'],
  [
    'net.droppedTx.summation',
    'Packets of the network adapter dropped that were to be sent',
    'in 20 s',
    'queried',
  ],
];

/**
 * Performance counters of each virtual network adapter, the newest values; all of the machine as a whole, too. A collector
 * of its own, because its series are virtual machines × adapters × 5.
 */
export const VM_NICS: readonly MetricRow[] = [
  // The key of the virtual device: `4000` is the first adapter.
  ...OF_NICS.map(instanceRow('vm', { label: 'nic', pattern: /^\d+$/, besideWhole: true })),
];
