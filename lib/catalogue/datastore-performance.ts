import { type Counted, historicalRow } from './counted.ts';
import type { MetricRow } from './row.ts';

const OF_STORAGE_IO_CONTROL: readonly Counted[] = [
  ['datastore.datastoreIops.average', 'Reads and writes of all hosts', '1/s', 'queried'],
  [
    'datastore.sizeNormalizedDatastoreLatency.average',
    'Latency over all hosts, normalised by the size of reads and writes',
    'µs',
    'queried',
  ],
  ['datastore.datastoreVMObservedLatency.latest', 'Latency that virtual machines see', 'µs', 'queried'],
];

const OF_FILES: readonly Counted[] = [
  ['disk.used.latest', 'Space in use by files of a type', 'KB'],
  ['disk.provisioned.latest', 'Space provisioned for files of a type', 'KB'],
  ['disk.unshared.latest', 'Space that files of a type share with no others', 'KB'],
];

/**
 * Performance counters of datastores, from vCenter's database. By type of files the growth of snapshots (DELTAFILE) shows
 * for each datastore; these are four series at most.
 */
export const DATASTORE_PERFORMANCE: readonly MetricRow[] = [
  ...OF_STORAGE_IO_CONTROL.map(historicalRow('datastore')),
  ...OF_FILES.map(
    historicalRow('datastore', {
      label: 'file_type',
      pattern: /^(?:DISKFILE|DELTAFILE|SWAPFILE|OTHERFILE)$/,
    }),
  ),
];
