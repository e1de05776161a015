import type { MetricRow, Point } from '../row.ts';
import { VMS } from '../vm.ts';
import { VM_DISKS } from '../vm-disks.ts';
import { VM_NICS } from '../vm-nics.ts';
import { VM_PERFORMANCE } from '../vm-performance.ts';
import {
  dividedBy,
  labelled,
  MEBIBYTE,
  onlyValue,
  otelRow,
  percent,
  rowNamed,
  SECONDS,
  whole,
} from './points.ts';

const state = (name: string) => rowNamed(VMS, `vmware_vm_${name}`);
const counter = (name: string) => rowNamed(VM_PERFORMANCE, `vmware_vm_${name}`);
const ofDisks = (name: string) => rowNamed(VM_DISKS, `vmware_vm_virtualDisk_${name}_average`);
const ofNics = (name: string) => rowNamed(VM_NICS, `vmware_vm_nic_net_${name}`);

const TEMPLATE = state('template');
const CPU = { used: state('cpu_usage_mhz'), max: state('max_cpu_usage') };
const MEMORY = { template: TEMPLATE, used: state('guest_memory_usage_bytes') };
const DISK = {
  template: TEMPLATE,
  committed: state('storage_committed_bytes'),
  uncommitted: state('storage_uncommitted_bytes'),
};

/** The receiver has templates under a label of their own, which no dashboard asks for, and counts them by cluster. */
const ofMachine = (template: readonly Point[], points: readonly Point[]): Point[] =>
  onlyValue(template) === 0 ? [...points] : [];
const NOT_OF_TEMPLATES = 'of a template; when what it is made from has none';

/** An amount of memory of a machine, in MiB. */
const memory = (name: string, help: string, amount: MetricRow): MetricRow =>
  otelRow({
    name: `vcenter_vm_memory_${name}_mebibytes`,
    help: `${help}, in MiB`,
    unit: 'MiB',
    of: { template: TEMPLATE, amount },
    toPoints: ({ template, amount: bytes }) => ofMachine(template, dividedBy(MEBIBYTE, bytes)),
    noSample: NOT_OF_TEMPLATES,
  });

/** Packets a second, of the machine and of its network adapters. */
const packetRate = (name: string, help: string, counted: string): MetricRow =>
  otelRow({
    name: `vcenter_vm_network_packet_${name}`,
    help: `${help} a second, of all network adapters (an empty object) and of each`,
    unit: '1/s',
    labels: ['direction', 'object'],
    of: {
      received: counter(`net_${counted}Rx_summation`),
      transmitted: counter(`net_${counted}Tx_summation`),
      nicReceived: ofNics(`${counted}Rx_summation`),
      nicTransmitted: ofNics(`${counted}Tx_summation`),
    },
    toPoints: ({ received, transmitted, nicReceived, nicTransmitted }) =>
      dividedBy(SECONDS, [
        ...labelled([...whole(received), ...nicReceived], 'received'),
        ...labelled([...whole(transmitted), ...nicTransmitted], 'transmitted'),
      ]),
  });

/** `vcenter_vm_*` */
export const OTEL_MACHINES: readonly MetricRow[] = [
  otelRow({
    name: 'vcenter_vm_cpu_usage_MHz',
    help: 'CPU usage of the virtual machine, in MHz',
    unit: 'MHz',
    of: { used: CPU.used },
    toPoints: ({ used }) => [...used],
  }),
  otelRow({
    name: 'vcenter_vm_cpu_utilization_percent',
    help: 'CPU usage of the virtual machine, in percent of what it may use',
    unit: 'percent',
    of: CPU,
    toPoints: ({ used, max }) => percent(onlyValue(used), onlyValue(max)),
  }),
  memory('usage', 'Memory that the guest uses', MEMORY.used),
  memory(
    'ballooned',
    'Memory that ballooning took from the virtual machine',
    state('memory_ballooned_bytes'),
  ),
  memory('swapped', 'Memory that the host swapped out', state('memory_swapped_bytes')),
  otelRow({
    name: 'vcenter_vm_memory_utilization_percent',
    help: 'Memory that the guest uses, in percent of that of the virtual machine',
    unit: 'percent',
    of: { ...MEMORY, max: state('memory_max') },
    toPoints({ template, used, max }) {
      const mebibytes = (onlyValue(used) ?? 0) / MEBIBYTE;
      return ofMachine(template, mebibytes > 0 ? percent(mebibytes, onlyValue(max)) : []);
    },
    noSample: 'of a template; when the guest uses none',
  }),
  otelRow({
    name: 'vcenter_vm_disk_usage_bytes',
    help: 'Storage of the virtual machine on all datastores, in bytes: used, or available to it',
    unit: 'bytes',
    labels: ['disk_state'],
    of: DISK,
    toPoints: ({ template, committed, uncommitted }) =>
      ofMachine(template, [...labelled(committed, 'used'), ...labelled(uncommitted, 'available')]),
    noSample: NOT_OF_TEMPLATES,
  }),
  otelRow({
    name: 'vcenter_vm_disk_utilization_percent',
    help: 'Storage that the virtual machine uses, in percent of what it may take on all datastores',
    unit: 'percent',
    of: DISK,
    toPoints({ template, committed, uncommitted }) {
      const [used, free] = [onlyValue(committed), onlyValue(uncommitted)];
      const known = used !== undefined && free !== undefined && free > 0;
      return ofMachine(template, known ? percent(used, used + free) : []);
    },
    noSample: 'of a template; when it has all the storage that it may take',
  }),
  otelRow({
    name: 'vcenter_vm_disk_latency_avg_milliseconds',
    help: 'Latency of reads and writes of a virtual disk, in milliseconds',
    unit: 'ms',
    labels: ['direction', 'disk_type', 'object'],
    of: { read: ofDisks('totalReadLatency'), write: ofDisks('totalWriteLatency') },
    toPoints: ({ read, write }) => [
      ...labelled(read, 'read', 'virtual'),
      ...labelled(write, 'write', 'virtual'),
    ],
  }),
  otelRow({
    name: 'vcenter_vm_disk_throughput',
    help: 'Data read from and written to a virtual disk, in KiB a second',
    unit: 'KB/s',
    labels: ['direction', 'object'],
    of: { read: ofDisks('read'), write: ofDisks('write') },
    toPoints: ({ read, write }) => [...labelled(read, 'read'), ...labelled(write, 'write')],
  }),
  packetRate('drop_rate', 'Packets dropped', 'dropped'),
  packetRate('rate', 'Packets received and sent', 'packets'),
  otelRow({
    name: 'vcenter_vm_network_throughput_bytes_per_sec',
    help: 'Data received and sent, in KiB a second in spite of the name, of all network adapters',
    unit: 'KB/s',
    labels: ['direction', 'object'],
    of: { received: counter('net_received_average'), transmitted: counter('net_transmitted_average') },
    toPoints: ({ received, transmitted }) => [
      ...labelled(whole(received), 'received'),
      ...labelled(whole(transmitted), 'transmitted'),
    ],
  }),
  otelRow({
    name: 'vcenter_vm_network_usage',
    help: 'Data received and sent together, in KiB a second, of all network adapters (an empty object) and of each',
    unit: 'KB/s',
    labels: ['object'],
    of: { usage: counter('net_usage_average'), nicUsage: ofNics('usage_average') },
    toPoints: ({ usage, nicUsage }) => [...whole(usage), ...nicUsage],
  }),
];
