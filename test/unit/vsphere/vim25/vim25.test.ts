import { describe, expect, it } from 'vitest';
import { loadVim25, type Vim25Type } from '../../../../lib/vsphere/vim25/vim25.ts';

const vim25 = loadVim25();

const typeOf = (name: string): Vim25Type => {
  const type = vim25.type(name);
  if (type === undefined) throw new Error(`${name} is not in the table`);
  return type;
};

describe('the vim25 table', () => {
  const all = (['managed object', 'data object', 'enumeration'] as const).flatMap((kind) =>
    vim25.namesOf(kind).map((name) => ({ name, kind })),
  );

  it('holds every type once, under its kind', () => {
    expect(all.length).toBeGreaterThan(3_500);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    for (const { name, kind } of all) expect({ name, kind: typeOf(name).kind }).toEqual({ name, kind });
  });

  it('is closed: every base and every type of a property is in it', () => {
    for (const { name } of all) {
      const { base, properties, kind } = typeOf(name);
      if (base !== undefined) expect({ name, kind: base.kind }).toEqual({ name, kind });
      for (const property of properties.values()) {
        expect({ name, property, known: vim25.type(property.type) !== undefined }).toMatchObject({
          known: true,
        });
      }
    }
  });

  it('says since when there are a type and a property', () => {
    for (const { name } of all) {
      const type = typeOf(name);
      for (const { since } of [type, ...type.properties.values()]) expect(since).toMatch(/^\d+\.\d[\w.]*$/);
    }
    expect(typeOf('HostRuntimeInfo').properties.get('connectionState')?.since).toBe('2.0');
    expect(typeOf('HostRuntimeInfo').properties.get('cryptoState')?.since).toBe('6.5');
  });
});

describe('loadVim25', () => {
  it('unpacks the table once', () => {
    expect(loadVim25()).toBe(vim25);
    expect(vim25.type('HostSystem')).toBe(vim25.type('HostSystem'));
  });

  it('gives inherited properties with a type’s own', () => {
    const { kind, base, properties } = typeOf('HostSystem');
    expect({ kind, base: base?.name }).toEqual({ kind: 'managed object', base: 'ManagedEntity' });
    expect([...properties.keys()]).toEqual(expect.arrayContaining(['value', 'name', 'parent', 'runtime']));
    expect(properties.get('vm')).toMatchObject({ type: 'VirtualMachine', isArray: true, isOptional: true });
    expect(properties.get('runtime')).toMatchObject({
      type: 'HostRuntimeInfo',
      isArray: false,
      isOptional: false,
    });
  });

  it('tells enumerations and primitives from objects', () => {
    expect(typeOf('HostSystemPowerState').kind).toBe('enumeration');
    expect(typeOf('dateTime').kind).toBe('primitive');
    expect(vim25.type('HostSytem')).toBeUndefined();
    expect(vim25.type('HostSystem M')).toBeUndefined();
    expect(vim25.type('')).toBeUndefined();
  });

  it('knows what inherits from what', () => {
    expect(vim25.isSubtype('ClusterComputeResource', 'ManagedEntity')).toBe(true);
    expect(vim25.isSubtype('HostSystem', 'HostSystem')).toBe(true);
    expect(vim25.isSubtype('ManagedEntity', 'HostSystem')).toBe(false);
    expect(vim25.isSubtype('Unknown', 'Unknown')).toBe(false);
    expect(vim25.subtypesOf('ComputeResource').map(({ name }) => name)).toEqual(['ClusterComputeResource']);
    expect(vim25.subtypesOf('HostSystemPowerState')).toEqual([]);
    expect(vim25.subtypesOf('Unknown')).toEqual([]);
  });

  it('declares links as the keys that are sent, and faults in their envelope', () => {
    expect(typeOf('HostVirtualSwitch').properties.get('portgroup')).toMatchObject({
      type: 'string',
      isArray: true,
    });
    expect(typeOf('TaskInfo').properties.get('error')?.type).toBe('LocalizedMethodFault');
    expect(typeOf('LocalizedMethodFault').properties.get('fault')?.type).toBe('MethodFault');
  });
});
