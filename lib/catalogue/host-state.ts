import type { MetricRow } from './row.ts';
import { amountOf, boolean, isOneOf, label, number, timestamp } from './sources/conversions.ts';
import { computed, optional, property, whilePoweredOn } from './sources/property.ts';

const HOST = { kind: 'host', preset: 'vmware_exporter', privilege: 'System.Read', labels: [] } as const;

/**
 * State, size and load of hosts. Names, labels and values are those of vmware_exporter 0.18.4 (`_vmware_get_hosts`),
 * which has the words `unknown` for what is unset, and nothing of a host that is not powered on but its states.
 */
export const HOSTS: readonly MetricRow[] = [
  {
    ...HOST,
    name: 'vmware_host_power_state',
    help: 'Whether the host is powered on',
    unit: 'boolean',
    source: property('runtime.powerState', isOneOf('poweredOn')),
    since: '2.5',
    isQueried: true,
  },
  {
    ...HOST,
    name: 'vmware_host_connection_state',
    help: 'Connection of the host to vCenter as a label, connected, disconnected or notResponding; always 1',
    unit: 'info',
    source: property('runtime.connectionState', label),
    labels: ['state'],
    since: '2.0',
    isQueried: true,
  },
  {
    ...HOST,
    name: 'vmware_host_connected',
    help: 'Whether the host is connected to vCenter',
    unit: 'boolean',
    source: property('runtime.connectionState', isOneOf('connected')),
    since: '2.0',
  },
  {
    ...HOST,
    name: 'vmware_host_maintenance_mode',
    help: 'Whether the host is in maintenance mode',
    unit: 'boolean',
    source: property('runtime.inMaintenanceMode', boolean),
    since: '2.0',
    isQueried: true,
  },
  {
    ...HOST,
    name: 'vmware_host_standby_mode',
    help: 'Whether the host is in standby; the mode (entering, exiting, in, none, unknown) is a label',
    unit: 'info',
    source: optional(
      'runtime.standbyMode',
      {
        ...label,
        toPoints: (value) =>
          typeof value === 'string' ? [{ labels: [value], value: value === 'in' ? 1 : 0 }] : undefined,
      },
      [{ labels: ['unknown'], value: 0 }],
    ),
    labels: ['standby_mode_state'],
    since: '4.1',
    noSample: 'when it cannot be read',
  },
  {
    ...HOST,
    name: 'vmware_host_boot_timestamp_seconds',
    help: 'Time of the last boot, in seconds since the epoch',
    unit: 'timestamp',
    source: whilePoweredOn(optional('runtime.bootTime', timestamp)),
    since: '2.5',
    isQueried: true,
  },
  {
    ...HOST,
    name: 'vmware_host_uptime_seconds',
    help: 'Time since the last boot, in seconds',
    unit: 'seconds',
    source: whilePoweredOn(optional('summary.quickStats.uptime', number())),
    since: '4.1',
    isQueried: true,
  },
  {
    ...HOST,
    name: 'vmware_host_cpu_usage',
    help: 'CPU usage over all cores, in MHz',
    unit: 'MHz',
    source: whilePoweredOn(optional('summary.quickStats.overallCpuUsage', number())),
    since: '2.5',
    isQueried: true,
  },
  {
    ...HOST,
    name: 'vmware_host_cpu_max',
    help: 'CPU capacity, cores by their frequency, in MHz',
    unit: 'MHz',
    source: whilePoweredOn(
      computed(['summary.hardware.numCpuCores', 'summary.hardware.cpuMhz'], (get) => {
        const cores = amountOf(get('summary.hardware.numCpuCores'));
        const mhz = amountOf(get('summary.hardware.cpuMhz'));
        return cores && mhz ? [{ labels: [], value: cores * mhz }] : [];
      }),
    ),
    since: '2.5',
    isQueried: true,
    noSample: 'when the hardware is unknown',
  },
  {
    ...HOST,
    name: 'vmware_host_num_cpu',
    help: 'Number of CPU cores',
    unit: 'number',
    source: whilePoweredOn(optional('summary.hardware.numCpuCores', number())),
    since: '2.5',
    isQueried: true,
  },
  {
    ...HOST,
    name: 'vmware_host_memory_usage',
    help: 'Memory usage, in MB',
    unit: 'MB',
    source: whilePoweredOn(optional('summary.quickStats.overallMemoryUsage', number())),
    since: '2.5',
    isQueried: true,
  },
  {
    ...HOST,
    name: 'vmware_host_memory_max',
    help: 'Memory of the host, in MB',
    unit: 'MB',
    source: whilePoweredOn(optional('summary.hardware.memorySize', number(2 ** -20))),
    since: '2.5',
    isQueried: true,
  },
  {
    ...HOST,
    name: 'vmware_host_product_info',
    help: 'Version and build of ESXi as labels; always 1',
    unit: 'info',
    source: whilePoweredOn(
      computed(['summary.config.product.version', 'summary.config.product.build'], (get) => [
        {
          labels: [
            wordOf(get('summary.config.product.version')),
            wordOf(get('summary.config.product.build')),
          ],
          value: 1,
        },
      ]),
    ),
    labels: ['version', 'build'],
    since: '2.5',
    isQueried: true,
    noSample: 'when it cannot be read',
  },
  {
    ...HOST,
    name: 'vmware_host_hardware_info',
    help: 'Model of the host and of its CPUs as labels; always 1',
    unit: 'info',
    source: whilePoweredOn(
      computed(['summary.hardware.model', 'summary.hardware.cpuModel'], (get) => [
        {
          labels: [wordOf(get('summary.hardware.model')), wordOf(get('summary.hardware.cpuModel'))],
          value: 1,
        },
      ]),
    ),
    labels: ['hardware_model', 'hardware_cpu_model'],
    since: '2.5',
    isQueried: true,
    noSample: 'when it cannot be read',
  },
];

const wordOf = (value: unknown): string => (typeof value === 'string' ? value : 'unknown');
