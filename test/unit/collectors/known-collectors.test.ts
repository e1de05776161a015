import { describe, expect, it } from 'vitest';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';

describe('what the check of a configuration knows of collectors', () => {
  const { names, overVcenter, overSsh, realtime, byPreset, eventClasses } = KNOWN_COLLECTORS;
  const without = (some: readonly string[]) => names.filter((name) => !some.includes(name));

  it('is which go by ssh, and that all others go by vCenter', () => {
    expect(overSsh).toEqual(['ssh-services', 'host-checks', 'host-disks', 'host-checks-unseen']);
    expect(without(overVcenter)).toEqual(overSsh);
  });

  it('is which have counters of 20 s', () => {
    expect(realtime).toEqual([
      'host-performance',
      'host-devices',
      'host-datastores',
      'vm-performance',
      'vm-disks',
      'vm-nics',
      'own',
    ]);
  });

  it('is which have metrics in a preset: all in that of vmware_exporter, some in that of OpenTelemetry', () => {
    expect(byPreset.vmware_exporter).toEqual(names);
    expect(without(byPreset.otel)).toEqual([
      'host-hardware',
      'host-time',
      'host-datastores',
      'host-hygiene',
      'host-luns',
      'vm-guests',
      'vm-hygiene',
      'snapshots',
      'snapshot-sizes',
      'datastore-performance',
      'cluster-performance',
      'cluster-hygiene',
      'vsan',
      'networks',
      'alarms',
      'events',
      'vcenter',
      'appliance',
      'tags',
      'custom-attributes',
    ]);
  });

  it('is the classes of events', () => {
    expect(eventClasses()).toEqual(expect.arrayContaining(['VmFailoverFailed', 'HostConnectionLostEvent']));
    expect(eventClasses()).not.toContain('VirtualMachine');
  });
});
