import { describe, expect, it } from 'vitest';
import { checkOwn } from '../../../../lib/collectors/own/check-own.ts';
import { checkOwnType, OWN_TYPES } from '../../../../lib/collectors/own/check-type.ts';

const ALL =
  'HostSystem, VirtualMachine, Datastore, StoragePod, ClusterComputeResource, ResourcePool, DistributedVirtualPortgroup, DistributedVirtualSwitch';

describe('the type of an own metric', () => {
  it('is one of these', () => {
    expect(OWN_TYPES.join(', ')).toBe(ALL);
  });

  it.each([
    ['HostSystem name', undefined],
    ['HostSystem', 'write a type of object, a space and what is read, such as "HostSystem name"'],
    [
      'HostSystm name',
      `there is no type HostSystm of objects; did you mean HostSystem? Own metrics are of ${ALL}`,
    ],
    // Near to a type, but a type itself.
    [
      'ComputeResource name',
      `objects of the type ComputeResource are not collected; Own metrics are of ${ALL}`,
    ],
    // A type of data.
    ['HostListSummary host', `there is no type HostListSummary of objects; Own metrics are of ${ALL}`],
  ])('of %j: %s', (written, message) => {
    expect(checkOwnType({ preset: 'vmware_exporter' }, { at: 'each', written })).toEqual(
      message === undefined ? undefined : [{ at: 'each', message }],
    );
  });

  it.each(OWN_TYPES)(
    '%s has labels in the preset of the configuration, or the fault says which preset has',
    (type) => {
      const faults = (preset: readonly string[] | undefined) =>
        checkOwn({
          metrics: {
            ...(preset && { preset }),
            own: { own_a: { property: `${type} name`, test: { matches: 'a' } } },
          },
          sweeps: [{ name: 'inventory', every: '5m', collectors: ['own'] }],
        }).map(({ message }) => message);
      const isInOtel = !['StoragePod', 'DistributedVirtualPortgroup', 'DistributedVirtualSwitch'].includes(
        type,
      );
      expect(faults(['otel'])).toEqual(
        isInOtel
          ? []
          : [`the preset otel has no labels for a ${type}; write preset: [vmware_exporter, otel]`],
      );
      for (const preset of [undefined, ['vmware_exporter', 'otel']]) expect(faults(preset)).toEqual([]);
    },
  );
});
