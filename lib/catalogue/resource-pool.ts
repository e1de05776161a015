import type { MetricRow } from './row.ts';
import { amountOf, number } from './sources/conversions.ts';
import { computed, optional, property } from './sources/property.ts';

const POOL = {
  kind: 'resource-pool',
  preset: 'vmware_exporter',
  privilege: 'System.Read',
  labels: [],
  since: '2.0',
} as const;
const MEBIBYTE = 2 ** 20;
const USAGE = {
  guest: 'summary.quickStats.guestMemoryUsage',
  host: 'summary.quickStats.hostMemoryUsage',
  overhead: 'summary.quickStats.overheadMemory',
} as const;

/**
 * Resource pools and vApps, which OpenTelemetry's vcenterreceiver has as `vcenter_resource_pool_*`. ResourceConfigSpec
 * has MHz and MB, ResourcePoolResourceUsage MHz and bytes; a limit of -1 is none, and has no sample.
 */
export const RESOURCE_POOLS: readonly MetricRow[] = [
  {
    ...POOL,
    name: 'vmware_resource_pool_cpu_usage_mhz',
    help: 'CPU usage of the virtual machines of the pool, in MHz',
    unit: 'MHz',
    source: optional('summary.quickStats.overallCpuUsage', number()),
    since: '4.0',
    isQueried: true,
  },
  {
    ...POOL,
    name: 'vmware_resource_pool_cpu_shares',
    help: 'CPU shares of the pool',
    unit: 'number',
    source: optional('config.cpuAllocation.shares.shares', number()),
    isQueried: true,
  },
  {
    ...POOL,
    name: 'vmware_resource_pool_memory_usage_bytes',
    help: 'Memory usage of the virtual machines of the pool, in bytes, by type: guest, host or overhead',
    unit: 'bytes',
    source: computed(Object.values(USAGE), (get) =>
      Object.entries(USAGE).flatMap(([type, path]) => {
        const megabytes = amountOf(get(path));
        return megabytes === undefined ? [] : [{ labels: [type], value: megabytes * MEBIBYTE }];
      }),
    ),
    labels: ['type'],
    since: '4.0',
    isQueried: true,
    noSample: 'of a type that is unset; when it cannot be read',
  },
  {
    ...POOL,
    name: 'vmware_resource_pool_memory_shares',
    help: 'Memory shares of the pool',
    unit: 'number',
    source: optional('config.memoryAllocation.shares.shares', number()),
    isQueried: true,
  },
  {
    ...POOL,
    name: 'vmware_resource_pool_cpu_limit_mhz',
    help: 'CPU limit of the pool, in MHz',
    unit: 'MHz',
    source: optional('config.cpuAllocation.limit', number()),
    noSample: 'when the pool is not limited',
  },
  {
    ...POOL,
    name: 'vmware_resource_pool_cpu_reservation_mhz',
    help: 'CPU reservation of the pool, in MHz',
    unit: 'MHz',
    source: optional('config.cpuAllocation.reservation', number()),
  },
  {
    ...POOL,
    name: 'vmware_resource_pool_cpu_reservation_used_mhz',
    help: 'CPU reservation that the virtual machines and pools of the pool use, in MHz',
    unit: 'MHz',
    source: property('runtime.cpu.reservationUsed', number()),
  },
  {
    ...POOL,
    name: 'vmware_resource_pool_cpu_max_usage_mhz',
    help: 'Upper bound of the CPU usage of the pool, in MHz',
    unit: 'MHz',
    source: property('runtime.cpu.maxUsage', number()),
  },
  {
    ...POOL,
    name: 'vmware_resource_pool_memory_limit_bytes',
    help: 'Memory limit of the pool, in bytes',
    unit: 'bytes',
    source: optional('config.memoryAllocation.limit', number(MEBIBYTE)),
    noSample: 'when the pool is not limited',
  },
  {
    ...POOL,
    name: 'vmware_resource_pool_memory_reservation_bytes',
    help: 'Memory reservation of the pool, in bytes',
    unit: 'bytes',
    source: optional('config.memoryAllocation.reservation', number(MEBIBYTE)),
  },
  {
    ...POOL,
    name: 'vmware_resource_pool_memory_reservation_used_bytes',
    help: 'Memory reservation that the virtual machines and pools of the pool use, in bytes',
    unit: 'bytes',
    source: property('runtime.memory.reservationUsed', number()),
  },
  {
    ...POOL,
    name: 'vmware_resource_pool_memory_max_usage_bytes',
    help: 'Upper bound of the memory usage of the pool, in bytes',
    unit: 'bytes',
    source: property('runtime.memory.maxUsage', number()),
  },
];
