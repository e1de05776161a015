import type { ManagedObject } from './managed-object.ts';
import { value } from './property-xml.ts';

const MHZ = 32 * 2_400;
const MEMORY_MB = 262_144;
const MEBIBYTE = 2 ** 20;

type Properties = readonly (readonly [path: string, xml: string])[];

/** ComputeResourceSummary: hosts that are out of reach, off or in maintenance give nothing to virtual machines. */
export function toCapacity(hosts: readonly ManagedObject[]): Properties {
  const says = (host: ManagedObject, path: string, word: string) =>
    host.properties.get(path)?.includes(`>${word}<`) === true;
  const effective = hosts.filter(
    (host) =>
      says(host, 'runtime.connectionState', 'connected') &&
      says(host, 'runtime.powerState', 'poweredOn') &&
      says(host, 'runtime.inMaintenanceMode', 'false'),
  ).length;
  return [
    ['summary.totalCpu', value('xsd:int', hosts.length * MHZ)],
    ['summary.effectiveCpu', value('xsd:int', effective * MHZ)],
    ['summary.totalMemory', value('xsd:long', hosts.length * MEMORY_MB * MEBIBYTE)],
    ['summary.effectiveMemory', value('xsd:long', effective * MEMORY_MB)],
    ['summary.numHosts', value('xsd:int', hosts.length)],
    ['summary.numEffectiveHosts', value('xsd:int', effective)],
  ];
}

/** Of the pool that a compute resource has for all its virtual machines: no limit of memory but what there is. */
export function toPoolUsage(hosts: number): Properties {
  return [
    ['summary.quickStats.overallCpuUsage', value('xsd:long', hosts * 480)],
    ['summary.quickStats.guestMemoryUsage', value('xsd:long', hosts * 1_024)],
    ['summary.quickStats.hostMemoryUsage', value('xsd:long', hosts * 4_096)],
    ['summary.quickStats.overheadMemory', value('xsd:long', hosts * 64)],
    ['config.cpuAllocation.shares.shares', value('xsd:int', 4_000)],
    ['config.cpuAllocation.limit', value('xsd:long', hosts * MHZ)],
    ['config.cpuAllocation.reservation', value('xsd:long', hosts * MHZ)],
    ['config.memoryAllocation.shares.shares', value('xsd:int', 163_840)],
    ['config.memoryAllocation.limit', value('xsd:long', -1)],
    ['config.memoryAllocation.reservation', value('xsd:long', hosts * MEMORY_MB)],
    ['runtime.cpu.reservationUsed', value('xsd:long', 0)],
    ['runtime.cpu.maxUsage', value('xsd:long', hosts * MHZ)],
    ['runtime.memory.reservationUsed', value('xsd:long', hosts * 512 * MEBIBYTE)],
    ['runtime.memory.maxUsage', value('xsd:long', hosts * MEMORY_MB * MEBIBYTE)],
  ];
}
