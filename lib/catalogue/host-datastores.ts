import { type Counted, instanceRow } from './counted.ts';
import type { MetricRow } from './row.ts';

const OF_DATASTORES: readonly Counted[] = [
  ['datastore.totalReadLatency.average', 'Latency of reads of the datastore by the host', 'ms', 'queried'],
  ['datastore.totalWriteLatency.average', 'Latency of writes of the datastore by the host', 'ms', 'queried'],
  ['datastore.numberReadAveraged.average', 'Reads of the datastore by the host', '1/s', 'queried'],
  ['datastore.numberWriteAveraged.average', 'Writes of the datastore by the host', '1/s', 'queried'],
];

/**
 * Performance counters of each datastore as each host sees it, the newest values: the only ones of datastores that are not
 * half an hour late. A collector of its own, because its series are hosts × datastores × 4.
 */
export const HOST_DATASTORES: readonly MetricRow[] = [
  // The instance is the datastore's uuid.
  ...OF_DATASTORES.map(
    instanceRow('host', {
      label: 'datastore',
      pattern: /./,
      references: { datastore: { kind: 'datastore', by: 'key' } },
    }),
  ),
];
