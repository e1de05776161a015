import { HOST_DEVICES } from '../host-devices.ts';
import { HOST_PERFORMANCE } from '../host-performance.ts';
import { HOSTS } from '../host-state.ts';
import type { MetricRow, Point } from '../row.ts';
import { dividedBy, labelled, onlyValue, otelRow, percent, rowNamed, SECONDS, whole } from './points.ts';

const state = (name: string) => rowNamed(HOSTS, `vmware_host_${name}`);
const counter = (name: string) => rowNamed(HOST_PERFORMANCE, `vmware_host_${name}`);
const ofInstances = (name: string) => rowNamed(HOST_DEVICES, `vmware_host_${name}`);

const USAGE = { cpu: state('cpu_usage'), cpuMax: state('cpu_max') };
const MEMORY = { used: state('memory_usage'), max: state('memory_max') };

interface Directions {
  readonly received: readonly Point[];
  readonly transmitted: readonly Point[];
}
const byDirection = ({ received, transmitted }: Directions): Point[] => [
  ...labelled(received, 'received'),
  ...labelled(transmitted, 'transmitted'),
];

/** `vcenter_host_*` */
export const OTEL_HOSTS: readonly MetricRow[] = [
  otelRow({
    name: 'vcenter_host_cpu_usage_MHz',
    help: 'CPU usage of the host, in MHz',
    unit: 'MHz',
    of: { cpu: USAGE.cpu },
    toPoints: ({ cpu }) => [...cpu],
  }),
  otelRow({
    name: 'vcenter_host_cpu_utilization_percent',
    help: 'CPU usage of the host, in percent of its capacity',
    unit: 'percent',
    of: USAGE,
    toPoints: ({ cpu, cpuMax }) => percent(onlyValue(cpu), onlyValue(cpuMax)),
  }),
  otelRow({
    name: 'vcenter_host_memory_usage_mebibytes',
    help: 'Memory usage of the host, in MiB',
    unit: 'MiB',
    of: { used: MEMORY.used },
    toPoints: ({ used }) => [...used],
  }),
  otelRow({
    name: 'vcenter_host_memory_utilization_percent',
    help: 'Memory usage of the host, in percent of its memory',
    unit: 'percent',
    of: MEMORY,
    toPoints: ({ used, max }) => percent(onlyValue(used), onlyValue(max)),
  }),
  otelRow({
    name: 'vcenter_host_disk_latency_avg_milliseconds',
    help: 'Latency of reads and writes of a storage device, in milliseconds',
    unit: 'ms',
    labels: ['direction', 'object'],
    of: {
      read: ofInstances('disk_totalReadLatency_average'),
      write: ofInstances('disk_totalWriteLatency_average'),
    },
    toPoints: ({ read, write }) => [...labelled(read, 'read'), ...labelled(write, 'write')],
  }),
  otelRow({
    name: 'vcenter_host_disk_throughput',
    help: 'Data read and written, in KiB a second, of all disks (an empty object) and of each storage device',
    unit: 'KB/s',
    labels: ['direction', 'object'],
    of: {
      read: counter('disk_read_average'),
      write: counter('disk_write_average'),
      deviceRead: ofInstances('device_disk_read_average'),
      deviceWrite: ofInstances('device_disk_write_average'),
    },
    toPoints: ({ read, write, deviceRead, deviceWrite }) => [
      ...labelled([...whole(read), ...deviceRead], 'read'),
      ...labelled([...whole(write), ...deviceWrite], 'write'),
    ],
  }),
  otelRow({
    name: 'vcenter_host_network_packet_error_rate',
    help: 'Receive and send errors a second, of all network adapters',
    unit: '1/s',
    labels: ['direction', 'object'],
    of: {
      received: counter('net_errorsRx_summation'),
      transmitted: counter('net_errorsTx_summation'),
    },
    toPoints: ({ received, transmitted }) =>
      dividedBy(SECONDS, byDirection({ received: whole(received), transmitted: whole(transmitted) })),
  }),
  otelRow({
    name: 'vcenter_host_network_packet_rate',
    help: 'Packets received and sent a second, of all network adapters (an empty object) and of each',
    unit: '1/s',
    labels: ['direction', 'object'],
    of: {
      received: counter('net_packetsRx_summation'),
      transmitted: counter('net_packetsTx_summation'),
      nicReceived: ofInstances('nic_net_packetsRx_summation'),
      nicTransmitted: ofInstances('nic_net_packetsTx_summation'),
    },
    toPoints: ({ received, transmitted, nicReceived, nicTransmitted }) =>
      dividedBy(
        SECONDS,
        byDirection({
          received: [...whole(received), ...nicReceived],
          transmitted: [...whole(transmitted), ...nicTransmitted],
        }),
      ),
  }),
  otelRow({
    name: 'vcenter_host_network_throughput',
    help: 'Data received and sent, in KiB a second, of all network adapters',
    unit: 'KB/s',
    labels: ['direction', 'object'],
    of: { received: counter('net_bytesRx_average'), transmitted: counter('net_bytesTx_average') },
    toPoints: ({ received, transmitted }) =>
      byDirection({ received: whole(received), transmitted: whole(transmitted) }),
  }),
  otelRow({
    name: 'vcenter_host_network_usage',
    help: 'Data received and sent together, in KiB a second, of all network adapters',
    unit: 'KB/s',
    labels: ['object'],
    of: { usage: counter('net_usage_average') },
    toPoints: ({ usage }) => whole(usage),
  }),
];
