import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROPERTIES } from '../../../../lib/catalogue/sources/property.ts';
import { needsOf } from '../../../../lib/collectors/needs.ts';
import { COLLECTORS } from '../../../../lib/collectors/registry.ts';
import { HOST_SERVICES_PATHS } from '../../../../lib/inventory/host-services.ts';
import { findKind, KINDS } from '../../../../lib/inventory/kinds.ts';
import { OPTIONS_PATH } from '../../../../lib/sweep/plan/host-limits.ts';
import { VspherePathError } from '../../../../lib/vsphere/errors.ts';

import { checkPropertyPath } from '../../../../lib/vsphere/vim25/property-path.ts';
import { pathsOf } from './paths-of.ts';

function refusal(type: string, path: string): VspherePathError {
  try {
    checkPropertyPath(type, path);
  } catch (error) {
    if (error instanceof VspherePathError) return error;
    throw error;
  }
  throw new Error(`${type} ${path} was accepted`);
}

describe('checkPropertyPath', () => {
  it.each([
    ['HostSystem', 'runtime.powerState', { type: 'HostSystemPowerState', isArray: false }],
    ['HostSystem', 'name', { type: 'string', isArray: false }],
    ['HostSystem', 'vm', { type: 'VirtualMachine', isArray: true }],
    ['HostSystem', 'network["network-7"]', { type: 'Network', isArray: false }],
    ['HostSystem', 'config.option["Vpx.Vpxa.config"].value', { type: 'anyType', isArray: false }],
    ['VirtualMachine', 'config.hardware.device[4000]', { type: 'VirtualDevice', isArray: false }],
    ['VirtualMachine', 'config.hardware.device[-1].deviceInfo.label', { type: 'string', isArray: false }],
    ['VirtualMachine', 'guest.net[0].ipAddress', { type: 'string', isArray: true }],
    ['ManagedEntity', 'triggeredAlarmState', { type: 'AlarmState', isArray: true }],
  ])('says what %s %s leads to', (type, path, target) => {
    expect(checkPropertyPath(type, path)).toMatchObject(target);
  });

  it.each([
    [
      'HostSystem',
      'runtime.powerStat',
      'HostSystem has no runtime.powerStat; did you mean runtime.powerState?',
    ],
    ['HostSystem', 'runtme.powerState', 'HostSystem has no runtme; did you mean runtime.powerState?'],
    ['HostSystem', 'runtme.powrState', 'HostSystem has no runtme; did you mean runtime.powerState?'],
    ['HostSystem', 'Name', 'HostSystem has no Name; did you mean name?'],
    ['HostSytem', 'name', 'there is no managed object type HostSytem; did you mean HostSystem?'],
    ['HostRuntimeInfo', 'bootTime', 'HostRuntimeInfo is not a managed object'],
    ['HostSystem', 'warpDrive', /^HostSystem has no warpDrive \(as of vSphere \d+(\.\d+){3}\)$/],
    [
      'HostSystem',
      'runtime.powerState.name',
      /runtime\.powerState is a HostSystemPowerState, which has no properties/,
    ],
  ])('refuses %s %s and says what was likely meant', (type, path, message) => {
    expect(refusal(type, path).message).toMatch(message);
  });

  it.each([
    [
      'HostSystem',
      'parent.name',
      'parent refers to a ManagedEntity, and a path ends there; read name of that object',
    ],
    [
      'HostSystem',
      'parent.parent.name',
      'HostSystem has no parent.parent.name: parent refers to a ManagedEntity, and a path ends there; read parent.name of that',
    ],
    ['HostSystem', 'network["network-7"].name', 'network["network-7"] refers to a Network'],
    ['HostSystem', 'config.option.value', 'read it whole, or config.option["<key>"].value of one element'],
    ['VirtualMachine', 'guest.net.ipAddress', 'read it whole, or guest.net[<key>].ipAddress of one element'],
    ['ClusterComputeResource', 'configurationEx.dasConfig.enabled', 'only ClusterConfigInfoEx has dasConfig'],
    ['VirtualMachine', 'config.hardware.device[4000].macAddress', 'only VirtualEthernetCard has macAddress'],
    ['ManagedEntity', 'hardware', 'only HostSystem has hardware; ask for objects of that type'],
  ])('refuses %s %s, which no path reaches, with another way', (type, path, message) => {
    expect(refusal(type, path)).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining(message),
    });
  });

  it('suggests the part of such a path that can be read, where there is one', () => {
    expect(refusal('VirtualMachine', 'config.hardware.device[4000].macAddress')).toMatchObject({
      suggestion: 'config.hardware.device[4000]',
    });
    expect(refusal('ManagedEntity', 'hardware').suggestion).toBeUndefined();
  });

  it.each([
    ['config.option[4]', 'config.option["4"]'],
    ['name["x"]', 'name'],
    ['network[7]', 'network["7"]'],
    ['summary.host["h"]', 'summary.host'],
  ])('refuses the key of HostSystem %s and suggests %s', (path, suggestion) => {
    expect(refusal('HostSystem', path)).toMatchObject({ code: 'wrong-key', suggestion });
  });

  it('refuses a text where elements have numbers for keys', () => {
    expect(refusal('VirtualMachine', 'config.hardware.device["4000"]').message).toContain('device[<number>]');
  });

  it.each(['', '.', 'name.', '.name', 'a..b', 'a b', 'a[', 'a[]', 'a["x]', 'a[x]', 'name\n', '</pathSet>'])(
    'refuses %j, which is not written like a path',
    (path) => {
      const { code, message } = refusal('HostSystem', path);
      expect(code).toBe('not-a-path');
      expect(message).toContain(`${JSON.stringify(path)} is not a property path. Write names with dots`);
    },
  );

  it('refuses a path that is longer than any, and repeats its beginning only', () => {
    const { code, message } = refusal('HostSystem', 'x'.repeat(100_000));
    expect(code).toBe('not-a-path');
    expect(message.length).toBeLessThan(500);
  });

  it('refuses what every object inherits from JavaScript', () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(refusal('HostSystem', name).code).toBe('unknown-property');
      expect(refusal(name, 'name').code).toBe('unknown-type');
    }
  });

  it('takes whatever text it gets', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (type, path) => {
        expect(refusal(type, path)).toBeInstanceOf(VspherePathError);
        const ofHosts = () => refusal('HostSystem', `config.${path}`);
        expect(ofHosts()).toBeInstanceOf(VspherePathError);
      }),
    );
  });
});

describe('paths of the table', () => {
  const types = [
    'HostSystem',
    'VirtualMachine',
    'ClusterComputeResource',
    'Datastore',
    'Network',
    'ResourcePool',
  ];

  it('are all accepted, to a depth of three', () => {
    for (const type of types) {
      const paths = pathsOf(type, { depth: 3 });
      expect(paths.length).toBeGreaterThan(20);
      for (const path of paths) checkPropertyPath(type, path);
    }
  });

  it('are refused when a letter is wrong, with a right path for suggestion', () => {
    const choices = types.map((type) => ({ type, paths: pathsOf(type, { depth: 3 }) }));
    const choice = fc.constantFrom(...choices).chain(({ type, paths }) =>
      fc.record({
        type: fc.constant(type),
        path: fc.constantFrom(...paths),
        at: fc.nat(),
        letter: fc.constantFrom('', ...'qxzQ7'),
      }),
    );
    fc.assert(
      fc.property(choice, ({ type, path, at, letter }) => {
        const letters = [...path.matchAll(/[A-Za-z]/g)].map(({ index }) => index);
        const place = letters[at % letters.length] ?? 0;
        const wrong = path.slice(0, place) + letter + path.slice(place + 1);
        fc.pre(!choices.some((one) => one.type === type && one.paths.includes(wrong)));
        const { code, suggestion } = refusal(type, wrong);
        if (code === 'not-a-path') return expect(letter).toBe('');
        expect(code).toBe('unknown-property');
        expect(suggestion).toBeDefined();
        checkPropertyPath(type, suggestion ?? '');
      }),
      { numRuns: 300 },
    );
  });

  it('hold what sweeps read', () => {
    for (const { kind, reader, needs } of needsOf(COLLECTORS)) {
      if (reader !== PROPERTIES) continue;
      for (const type of findKind(kind).types) {
        for (const path of needs) checkPropertyPath(type, String(path));
      }
    }
    for (const path of [...HOST_SERVICES_PATHS, OPTIONS_PATH]) checkPropertyPath('HostSystem', path);
    for (const sshService of ['keyed', 'whole'] as const) {
      for (const { type, paths } of KINDS.flatMap((kind) =>
        kind.specs({ managementAddress: true, sshService }),
      )) {
        for (const path of paths) checkPropertyPath(type, path);
      }
    }
  });
});
