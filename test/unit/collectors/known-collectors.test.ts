import { describe, expect, it } from 'vitest';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';

/** Samples, so that a new collector breaks nothing here: of most sets some that are in it, and some that are not. */
describe('what the check of a configuration knows of collectors', () => {
  const { names, overVcenter, overSsh, realtime, byPreset, eventClasses } = KNOWN_COLLECTORS;
  const partOf = (names: readonly string[], some: readonly string[]) =>
    some.filter((name) => names.includes(name));

  it('is which go by ssh, and that all others go by vCenter', () => {
    expect(partOf(overSsh, ['ssh-services', 'host-checks', 'hosts', 'own'])).toEqual([
      'ssh-services',
      'host-checks',
    ]);
    expect(partOf(overVcenter, ['ssh-services', 'hosts', 'tags', 'own'])).toEqual(['hosts', 'tags', 'own']);
    expect(names.filter((name) => !overSsh.includes(name) && !overVcenter.includes(name))).toEqual([]);
  });

  it('is which have counters of 20 s', () => {
    const some = ['host-performance', 'vm-disks', 'datastore-performance', 'hosts', 'own'];
    expect(partOf(realtime, some)).toEqual(['host-performance', 'vm-disks', 'own']);
  });

  it('is which have metrics in a preset: all in that of vmware_exporter, some in that of OpenTelemetry', () => {
    expect(byPreset.vmware_exporter).toEqual(names);
    const some = ['host-services', 'hosts', 'vm-performance', 'host-time', 'vsan', 'events', 'own'];
    expect(partOf(byPreset.otel, some)).toEqual(['host-services', 'hosts', 'vm-performance', 'own']);
  });

  it('is the classes of events', () => {
    expect(eventClasses()).toEqual(expect.arrayContaining(['VmFailoverFailed', 'HostConnectionLostEvent']));
    expect(eventClasses()).not.toContain('VirtualMachine');
  });
});
