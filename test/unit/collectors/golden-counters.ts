import { CLUSTER_PERFORMANCE } from '../../../lib/catalogue/cluster-performance.ts';
import { DATASTORE_PERFORMANCE } from '../../../lib/catalogue/datastore-performance.ts';
import { HOST_DATASTORES } from '../../../lib/catalogue/host-datastores.ts';
import { HOST_DEVICES } from '../../../lib/catalogue/host-devices.ts';
import { HOST_PERFORMANCE } from '../../../lib/catalogue/host-performance.ts';
import type { MetricRow } from '../../../lib/catalogue/row.ts';
import { type CounterReading, type InstanceValue, readNeed } from '../../../lib/catalogue/sources/counter.ts';
import { VM_DISKS } from '../../../lib/catalogue/vm-disks.ts';
import { VM_NICS } from '../../../lib/catalogue/vm-nics.ts';
import { VM_PERFORMANCE } from '../../../lib/catalogue/vm-performance.ts';

/**
 * A reading in which each counter has a value of its own: of the whole item 1,000 and its place among the counters, of
 * its instances 0.5 and a half more each. The virtual machine has a file as an instance, which is no disk.
 */
const readingOf = (rows: readonly MetricRow[], instances: readonly string[]): CounterReading => {
  const names = [...new Set(rows.flatMap(({ source }) => source.needs.map(String)))].map(
    (need) => readNeed(need).counter,
  );
  return {
    values: new Map(
      [...new Set(names)].map((name, place): [string, readonly InstanceValue[]] => [
        name,
        [
          { instance: '', value: 1_000 + place },
          ...instances.map((instance, index) => ({ instance, value: place + (index + 1) / 2 })),
        ],
      ]),
    ),
    unknown: new Set(),
  };
};

const OF_DEVICES = readingOf([...HOST_PERFORMANCE, ...HOST_DEVICES], ['naa.600a0980', 'vmnic0']);
/** Of two datastores, one of which is in the inventory. */
const OF_DATASTORES = readingOf(HOST_DATASTORES, ['5eed0001-1', '5eed0009-9']);
export const HOST_COUNTERS = {
  ...OF_DEVICES,
  values: new Map([...OF_DEVICES.values, ...OF_DATASTORES.values]),
};
export const VM_COUNTERS = readingOf(
  [...VM_PERFORMANCE, ...VM_DISKS, ...VM_NICS],
  ['scsi0:1', 'nvme0:0', 'other', '4000'],
);
export const DATASTORE_COUNTERS = readingOf(DATASTORE_PERFORMANCE, ['DISKFILE', 'DELTAFILE', 'NEWFILE']);
export const CLUSTER_COUNTERS = readingOf(CLUSTER_PERFORMANCE, []);
