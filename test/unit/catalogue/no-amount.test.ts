import { describe, expect, it } from 'vitest';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import type { PropertyValue } from '../../../lib/vsphere/property/retrieved-object.ts';
import { retrieved } from '../collectors/subjects.ts';

/** The values that a row makes of these properties, without their labels. */
function valuesOf(name: string, properties: Record<string, PropertyValue>): number[] {
  const row = COLLECTORS.flatMap(({ rows }) => rows).find((one) => one.name === name);
  return row?.source.evaluate(retrieved(properties)).points.map(({ value }) => value) ?? [Number.NaN];
}

const STATS = 'summary.quickStats';
const HARDWARE = { 'runtime.powerState': 'poweredOn', 'summary.hardware.cpuMhz': 2_000 };
const SPACE = { 'summary.capacity': 100, 'summary.freeSpace': 40 };
const HOSTS = ['summary.numHosts', 'summary.numEffectiveHosts'] as const;

describe('-1, which vSphere writes for no value', () => {
  it('is no memory usage of a pool; that of the other types is there', () => {
    const usage = { [`${STATS}.guestMemoryUsage`]: 1, [`${STATS}.hostMemoryUsage`]: -1 };
    expect(valuesOf('vmware_resource_pool_memory_usage_bytes', usage)).toEqual([2 ** 20]);
  });

  it.each(['free', 'capacity'])('is no %s of a file system of a guest', (what) => {
    const disks = [
      { diskPath: '/', freeSpace: -1, capacity: '-1' },
      { diskPath: '/mnt', freeSpace: 5, capacity: 5 },
    ];
    expect(valuesOf(`vmware_vm_guest_disk_${what}`, { 'guest.disk': disks })).toEqual([5]);
  });

  it.each(['summary.capacity', 'summary.freeSpace', 'summary.uncommitted'])(
    'in %s leaves no sum of a datastore; an unset uncommitted is 0',
    (path) => {
      const name = 'vmware_datastore_provisoned_size';
      expect(valuesOf(name, SPACE)).toEqual([60]);
      expect(valuesOf(name, { ...SPACE, 'summary.uncommitted': 5 })).toEqual([65]);
      expect(valuesOf(name, { ...SPACE, [path]: -1 })).toEqual([]);
    },
  );

  it.each(HOSTS)('in %s leaves no number of hosts of a cluster', (path) => {
    const hosts = { [HOSTS[0]]: 3, [HOSTS[1]]: 2 };
    expect(valuesOf('vmware_cluster_hosts', hosts)).toEqual([2, 1]);
    expect(valuesOf('vmware_cluster_hosts', { ...hosts, [path]: -1 })).toEqual([]);
  });

  it.each(['summary.hardware.numCpuCores', 'summary.hardware.cpuMhz'])(
    'in %s leaves no CPU capacity of a host',
    (path) => {
      const hardware = { ...HARDWARE, 'summary.hardware.numCpuCores': 8 };
      expect(valuesOf('vmware_host_cpu_max', hardware)).toEqual([16_000]);
      expect(valuesOf('vmware_host_cpu_max', { ...hardware, [path]: -1 })).toEqual([]);
    },
  );
});
