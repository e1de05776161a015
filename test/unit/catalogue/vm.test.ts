import { describe, expect, it } from 'vitest';
import { VMS } from '../../../lib/catalogue/vm.ts';
import { retrieved } from '../collectors/subjects.ts';

const USAGE = [
  'vmware_vm_cpu_usage_mhz',
  'vmware_vm_guest_memory_usage_bytes',
  'vmware_vm_memory_ballooned_bytes',
  'vmware_vm_memory_swapped_bytes',
];
const QUICK_STATS = {
  'summary.quickStats.overallCpuUsage': 1_200,
  'summary.quickStats.guestMemoryUsage': 2_048,
  'summary.quickStats.balloonedMemory': 16,
  'summary.quickStats.swappedMemory': 4,
};

describe.each(USAGE)('%s', (name) => {
  const valuesIn = (connectionState: string, powerState: string) =>
    VMS.find((row) => row.name === name)
      ?.source.evaluate(
        retrieved({
          ...QUICK_STATS,
          'runtime.connectionState': connectionState,
          'runtime.powerState': powerState,
        }),
      )
      .points.map(({ value }) => value);

  it('is of a machine that runs', () => {
    expect(valuesIn('connected', 'poweredOn')).toEqual([expect.any(Number)]);
  });

  it.each([
    ['disconnected', 'poweredOn'],
    ['inaccessible', 'poweredOn'],
    ['connected', 'poweredOff'],
    ['connected', 'suspended'],
  ])('is not what vCenter remembers of one that is %s and %s', (connectionState, powerState) => {
    expect(valuesIn(connectionState, powerState)).toEqual([]);
  });

  it('says both conditions', () => {
    expect(VMS.find((row) => row.name === name)?.source.when).toBe(
      'runtime.connectionState is connected and runtime.powerState is poweredOn',
    );
  });
});
