import { describe, expect, it } from 'vitest';
import { knownCounters } from '../../../../lib/vsphere/performance/known-counters.ts';
import { enumWords } from '../../../../lib/vsphere/vim25/enum-words.ts';
import { newest, resolvePath } from '../../../../lib/vsphere/vim25/resolve-path.ts';

describe('resolvePath', () => {
  it.each<[string, string, ReturnType<typeof resolvePath>]>([
    ['HostSystem', 'name', { read: 'name', below: [], type: 'string', isArray: false, since: '2.0' }],
    [
      'HostSystem',
      'runtime',
      { read: 'runtime', below: [], type: 'HostRuntimeInfo', isArray: false, since: '2.0' },
    ],
    [
      'HostSystem',
      'config.network.pnic',
      { read: 'config.network.pnic', below: [], type: 'PhysicalNic', isArray: true, since: '2.0' },
    ],
    [
      'HostSystem',
      'config.option["a.b"].value',
      { read: 'config.option["a.b"].value', below: [], type: 'anyType', isArray: false, since: '2.0' },
    ],
    [
      'HostSystem',
      'config.option["a"]',
      { read: 'config.option["a"]', below: [], type: 'OptionValue', isArray: false, since: '2.0' },
    ],
    [
      'ClusterComputeResource',
      'summary.drsScore',
      { read: 'summary', below: ['drsScore'], type: 'int', isArray: false, since: '7.0.0.0' },
    ],
    [
      'ClusterComputeResource',
      'summary.usageSummary.cpuEntitledMhz',
      {
        read: 'summary',
        below: ['usageSummary', 'cpuEntitledMhz'],
        type: 'int',
        isArray: false,
        since: '6.0',
      },
    ],
    ['HostSystem', 'nothing', undefined],
    ['HostSystem', 'runtime.nothing', undefined],
    ['HostSystem', 'drsScore', undefined],
    ['HostSystem', 'name.length', undefined],
    // An array without a key, and a reference.
    ['HostSystem', 'config.network.pnic.device', undefined],
    ['VirtualMachine', 'runtime.host.name', undefined],
    // A key of what is no array, and one inside of what only a subtype has.
    ['HostSystem', 'runtime["a"].powerState', undefined],
    ['NoSuchType', 'name', undefined],
  ])('from %s by %s leads to %j', (type, path, expected) => {
    expect(resolvePath(type, path)).toEqual(expected);
  });

  it.each<[string, string, ReturnType<typeof resolvePath>]>([
    ['PhysicalNic', 'device', { read: '', below: ['device'], type: 'string', isArray: false, since: '2.0' }],
    [
      'PhysicalNic',
      'linkSpeed.speedMb',
      { read: '', below: ['linkSpeed', 'speedMb'], type: 'int', isArray: false, since: '2.0' },
    ],
    // Of a subtype, at the first step.
    [
      'VirtualDevice',
      'capacityInKB',
      { read: '', below: ['capacityInKB'], type: 'long', isArray: false, since: '2.0' },
    ],
    ['PhysicalNic', 'nothing', undefined],
    ['HostConfigInfo', 'option["a"]', undefined],
  ])('inside of a %s by %s leads to %j', (type, path, expected) => {
    expect(resolvePath(type, path, { isInside: true })).toEqual(expected);
  });
});

describe('newest', () => {
  it.each([
    ['6.7', '8.0.2.0', '8.0.2.0'],
    ['8.0.2.0', '6.7', '8.0.2.0'],
    ['8.0.2.0', '8.0.10.0', '8.0.10.0'],
    ['8.0.1', '8.0', '8.0.1'],
    ['8.0', '8.0.1', '8.0.1'],
    ['8.0', '8.0.0', '8.0'],
    ['8.0.0', '8.0', '8.0.0'],
    ['', '2.0', '2.0'],
    ['2.0', '', '2.0'],
  ])('of %j and %j is %j', (one, other, expected) => {
    expect(newest(one, other)).toBe(expected);
  });
});

describe('the tables', () => {
  it('have the words of an enumeration, and none of any other type', () => {
    expect(enumWords('ArrayUpdateOperation')).toEqual(['add', 'remove', 'edit']);
    expect(enumWords('HostLockdownMode')).toEqual(['lockdownDisabled', 'lockdownNormal', 'lockdownStrict']);
    expect(enumWords('HostSystem')).toBeUndefined();
    expect(enumWords('')).toBeUndefined();
  });

  it('have each counter with its unit and its levels', () => {
    const counters = knownCounters();
    const first = 'clusterServices.cpufairness.latest';
    expect(counters.get(first)).toEqual({ name: first, unit: 'number', level: 1, perDeviceLevel: 3 });
    expect(counters.has('')).toBe(false);
    for (const [name, counter] of counters) {
      expect(counter).toEqual({
        name,
        unit: expect.stringMatching(/^[a-zA-Z]+$/),
        level: expect.toSatisfy((level: number) => level >= 1 && level <= 4),
        perDeviceLevel: expect.toSatisfy((level: number) => level >= 1 && level <= 4),
      });
    }
  });
});
