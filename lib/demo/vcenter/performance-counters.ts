import { textElement } from '../../vsphere/soap/soap-request.ts';
import { element } from './property-xml.ts';

/** A counter: its names as vSphere spells them, and the types of the entities that have it. */
export interface DemoCounter {
  readonly key: number;
  readonly group: string;
  readonly name: string;
  readonly unit: string;
  readonly rollup: string;
  readonly stats: 'absolute' | 'rate' | 'delta';
  readonly of: readonly string[];
  /** Beside the whole entity (an empty instance), by the type of the entity. */
  readonly instances: Instances;
}
type Instances = Readonly<Record<string, readonly string[]>>;

const HOSTS_AND_VMS = ['HostSystem', 'VirtualMachine'];
const ROLLED_UP = [...HOSTS_AND_VMS, 'ClusterComputeResource', 'ResourcePool'];

const NONE: Instances = {};
const CORES: Instances = Object.fromEntries(ROLLED_UP.map((type) => [type, ['0', '1']]));
const DEVICES: Instances = { HostSystem: ['mpx.vmhba0:C0:T0:L0', 'naa.600a098000'] };
const DISKS: Instances = { VirtualMachine: ['scsi0:0', 'scsi0:1'] };
/** The adapters of a virtual machine are named by the keys of its devices. */
const NICS: Instances = { HostSystem: ['vmnic0', 'vmnic1'], VirtualMachine: ['4000'] };

/** `vmware_exporter`'s and those of further dashboards, by unit and rollup; the units are those of a real vCenter. */
const BY_UNIT: Readonly<Record<string, string>> = {
  'millisecond.summation': 'cpu.costop cpu.idle cpu.maxlimited cpu.swapwait cpu.used',
  'megaHertz.average': 'cpu.demand',
  'percent.average': 'mem.latency',
  'kiloBytes.average': 'mem.active mem.consumed mem.swapin mem.swapout mem.swapped mem.vmmemctl',
  'kiloBytesPerSecond.average':
    'mem.swapinRate mem.swapoutRate disk.usage net.bytesRx net.bytesTx net.received net.transmitted',
  'number.summation':
    'net.broadcastRx net.broadcastTx net.errorsRx net.errorsTx net.multicastRx net.multicastTx disk.busResets disk.commandsAborted',
  'millisecond.latest': 'disk.maxTotalLatency',
  'number.latest': 'mem.state',
};
const DISK_LATENCIES = ['total', 'device', 'kernel', 'queue'].flatMap((where) =>
  ['Read', 'Write'].map((which) => `disk.${where}${which}Latency.millisecond.average`),
);
const OF_VIRTUAL_DISKS = [
  ...['totalReadLatency', 'totalWriteLatency'].map((name) => `virtualDisk.${name}.millisecond.average`),
  ...['numberReadAveraged', 'numberWriteAveraged'].map((name) => `virtualDisk.${name}.number.average`),
  ...['read', 'write'].map((name) => `virtualDisk.${name}.kiloBytesPerSecond.average`),
  ...['readOIO', 'writeOIO'].map((name) => `virtualDisk.${name}.number.latest`),
];
/** In this vCenter's order of its datastores. */
const DATASTORE_UUIDS: Instances = {
  HostSystem: ['5eed0001-00000001-0001-000000000001', '5eed0002-00000002-0002-000000000002'],
};
const OF_DATASTORES = [
  ...['totalReadLatency', 'totalWriteLatency'].map((name) => `datastore.${name}.millisecond.average`),
  ...['numberReadAveraged', 'numberWriteAveraged'].map((name) => `datastore.${name}.number.average`),
];
const OF_IO_CONTROL = [
  'datastore.datastoreIops.number.average',
  'datastore.sizeNormalizedDatastoreLatency.microsecond.average',
  'datastore.datastoreVMObservedLatency.microsecond.latest',
];
/** Of a datastore, the instances of its space. */
const FILE_TYPES: Instances = { Datastore: ['DISKFILE', 'DELTAFILE', 'SWAPFILE', 'OTHERFILE'] };
const FURTHER: readonly DemoCounter[] = [
  ...Object.entries(BY_UNIT).flatMap(([unit, names]) =>
    names.split(' ').map((name): Further => [`${name}.${unit}`, HOSTS_AND_VMS, NONE]),
  ),
  ...['net.packetsRx', 'net.packetsTx', 'net.droppedRx', 'net.droppedTx'].map(
    (name): Further => [`${name}.number.summation`, HOSTS_AND_VMS, NICS],
  ),
  ...['disk.read', 'disk.write'].map(
    (name): Further => [`${name}.kiloBytesPerSecond.average`, HOSTS_AND_VMS, DEVICES],
  ),
  ...DISK_LATENCIES.map((name): Further => [name, ['HostSystem'], DEVICES]),
  ...OF_DATASTORES.map((name): Further => [name, ['HostSystem'], DATASTORE_UUIDS]),
  ...['provisioned', 'unshared'].map(
    (name): Further => [`disk.${name}.kiloBytes.latest`, ['Datastore'], FILE_TYPES],
  ),
  ...OF_IO_CONTROL.map((name): Further => [name, ['Datastore'], NONE]),
  ...['VMotion', 'SVMotion', 'Clone', 'Create', 'Destroy'].map(
    (name): Further => [`vmop.num${name}.number.latest`, ['ClusterComputeResource', 'Datacenter'], NONE],
  ),
  ['clusterServices.failover.number.latest', ['ClusterComputeResource'], NONE] satisfies Further,
  ...OF_VIRTUAL_DISKS.map((name): Further => [name, ['VirtualMachine'], DISKS]),
].map(([name, of, instances], index) => {
  const stats = name.includes('.summation') ? 'delta' : /PerSecond|percent/.test(name) ? 'rate' : 'absolute';
  return counter(2_400 + index, name, stats, of, instances);
});
type Further = readonly [fullName: string, of: readonly string[], instances: Instances];

/** With keys of its own: those of a vCenter say nothing about another's. */
export const DEMO_COUNTERS: readonly DemoCounter[] = [
  counter(2_002, 'cpu.usage.percent.average', 'rate', ROLLED_UP, CORES),
  counter(2_006, 'cpu.usagemhz.megaHertz.average', 'rate', ROLLED_UP),
  counter(2_012, 'cpu.ready.millisecond.summation', 'delta', HOSTS_AND_VMS),
  counter(2_024, 'mem.usage.percent.average', 'absolute', ROLLED_UP),
  counter(2_143, 'net.usage.kiloBytesPerSecond.average', 'rate', HOSTS_AND_VMS, NICS),
  counter(2_155, 'sys.uptime.second.latest', 'absolute', HOSTS_AND_VMS),
  counter(2_281, 'disk.used.kiloBytes.latest', 'absolute', ['Datastore'], FILE_TYPES),
  counter(2_282, 'disk.capacity.kiloBytes.latest', 'absolute', ['Datastore']),
  counter(2_300, 'vmop.numPoweron.number.latest', 'absolute', ['ClusterComputeResource', 'Datacenter']),
  ...FURTHER,
];

/** vSphere's five intervals; the first is real-time and not in `historicalInterval`. */
export const REALTIME_SECONDS = 20;
export const HISTORICAL_SECONDS: readonly number[] = [300, 1_800, 7_200, 86_400];

function counter(
  key: number,
  fullName: string,
  stats: DemoCounter['stats'],
  of: readonly string[],
  instances = NONE,
): DemoCounter {
  const [group = '', name = '', unit = '', rollup = ''] = fullName.split('.');
  return { key, group, name, unit, rollup, stats, of, instances };
}

/** `PerformanceManager.perfCounter`. */
export function perfCounterValue(): string {
  const description = (name: string, key: string) =>
    `<${name}>${textElement('label', key)}${textElement('summary', `${key}, of the demo`)}${textElement('key', key)}</${name}>`;
  const counters = DEMO_COUNTERS.map(
    (one) =>
      `<PerfCounterInfo>${textElement('key', String(one.key))}${description('nameInfo', one.name)}` +
      `${description('groupInfo', one.group)}${description('unitInfo', one.unit)}` +
      `${textElement('rollupType', one.rollup)}${textElement('statsType', one.stats)}` +
      '<level>1</level><perDeviceLevel>3</perDeviceLevel></PerfCounterInfo>',
  );
  return element('val', 'ArrayOfPerfCounterInfo', counters.join(''));
}

/** `PerformanceManager.historicalInterval`. */
export function historicalIntervalValue(): string {
  const names = ['Past day', 'Past week', 'Past month', 'Past year'];
  const lengths = [86_400, 604_800, 2_592_000, 31_536_000];
  const intervals = HISTORICAL_SECONDS.map(
    (seconds, index) =>
      `<PerfInterval>${textElement('key', String(index + 1))}${textElement('samplingPeriod', String(seconds))}` +
      `${textElement('name', names[index] ?? '')}${textElement('length', String(lengths[index]))}` +
      '<level>1</level><enabled>true</enabled></PerfInterval>',
  );
  return element('val', 'ArrayOfPerfInterval', intervals.join(''));
}
