import type { PropertyValue } from '../vsphere/property/retrieved-object.ts';
import { fieldOf, integerOf, listOf } from '../vsphere/property/value-fields.ts';
import type { MetricRow, Point } from './row.ts';
import { amountOf } from './sources/conversions.ts';
import { computed } from './sources/property.ts';

const FILES = 'layoutEx.file';
const DISKS = 'layoutEx.disk';
const SNAPSHOTS = 'layoutEx.snapshot';

/** Files of a disk, from its base to what is written now: each snapshot adds one unit of files. */
interface Chain {
  readonly disk: number | undefined;
  readonly units: readonly (readonly number[])[];
}

const toChains = (disks: PropertyValue | undefined): Chain[] =>
  listOf(disks).map((disk) => ({
    disk: integerOf(fieldOf(disk, 'key')),
    units: listOf(fieldOf(disk, 'chain')).map((unit) =>
      listOf(fieldOf(unit, 'fileKey')).flatMap((key) => integerOf(key) ?? []),
    ),
  }));

/** What is in each chain of a disk was there before the first snapshot, also what a linked clone has from its parent. */
function addedBySnapshots(then: readonly Chain[], now: readonly Chain[]): number[] {
  const known = Map.groupBy(then, ({ disk }) => disk);
  return [...known].flatMap(([disk, chains]) => {
    const keys = chains.map(({ units }) => new Set(units.flat()));
    const bases = new Set(chains.flatMap(({ units }) => units[0] ?? []));
    const isBase = (key: number) => bases.has(key) || keys.every((one) => one.has(key));
    const all = [...chains, ...now.filter((one) => one.disk === disk)].flatMap(({ units }) => units.flat());
    return all.filter((key) => !isBase(key));
  });
}

/** Undefined when one of the files is not listed: the sum would be another one. */
function sizeOf(keys: Iterable<number>, files: PropertyValue | undefined): number | undefined {
  const sizes = new Map(
    listOf(files).map((file) => [integerOf(fieldOf(file, 'key')), amountOf(fieldOf(file, 'size'))]),
  );
  let sum = 0;
  for (const key of keys) {
    const size = sizes.get(key);
    if (size === undefined) return undefined;
    sum += size;
  }
  return sum;
}

/** `dataKey` is the file of the settings, `memoryKey` that of the memory, -1 for a snapshot without. */
const stateFiles = (snapshot: PropertyValue): number[] =>
  ['dataKey', 'memoryKey'].flatMap((field) => {
    const key = integerOf(fieldOf(snapshot, field)) ?? -1;
    return key < 0 ? [] : [key];
  });

function toPoints(get: (path: string) => PropertyValue | undefined): readonly Point[] {
  const snapshots = listOf(get(SNAPSHOTS));
  if (snapshots.length === 0) return [];
  const then = snapshots.flatMap((snapshot) => toChains(fieldOf(snapshot, 'disk')));
  const keys = new Set([...snapshots.flatMap(stateFiles), ...addedBySnapshots(then, toChains(get(DISKS)))]);
  const value = sizeOf(keys, get(FILES));
  return value === undefined ? [] : [{ labels: [], value }];
}

/** A collector of its own, because the files of a machine are some kilobytes, which vCenter has to be asked for whole. */
export const SNAPSHOT_SIZES: readonly MetricRow[] = [
  {
    name: 'vmware_vm_snapshot_size_bytes',
    help: 'Size of all files that snapshots of the virtual machine have added, its present changes included, in bytes',
    unit: 'bytes',
    kind: 'vm',
    source: computed([FILES, DISKS, SNAPSHOTS], toPoints),
    labels: [],
    preset: 'vmware_exporter',
    privilege: 'System.Read',
    since: '4.0',
    noSample: 'when the virtual machine has no snapshot; when a file of one is not listed or cannot be read',
  },
];
