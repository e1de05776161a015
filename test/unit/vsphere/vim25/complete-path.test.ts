import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completePath } from '../../../../lib/vsphere/vim25/complete-path.ts';
import { checkPropertyPath } from '../../../../lib/vsphere/vim25/property-path.ts';
import { loadVim25 } from '../../../../lib/vsphere/vim25/vim25.ts';

const TYPES = [
  'VirtualMachine',
  'HostSystem',
  'ClusterComputeResource',
  'Datastore',
  'Network',
  'Datacenter',
];

describe('completePath', () => {
  it('gives the properties that begin so, inherited ones too', () => {
    expect(completePath('VirtualMachine', 're')).toEqual(['recentTask', 'resourceConfig', 'resourcePool']);
    expect(completePath('VirtualMachine', 'over')).toEqual(['overallStatus']);
    expect(completePath('VirtualMachine', '')).toContain('name');
  });

  it('gives a data object and its own properties, and goes on segment by segment', () => {
    const runtime = completePath('VirtualMachine', 'runt');
    expect(runtime[0]).toBe('runtime');
    expect(runtime).toContain('runtime.powerState');
    expect(runtime.every((path) => /^runtime(?:\.\w+)?$/.test(path))).toBe(true);
    expect(completePath('VirtualMachine', 'runtime.po')).toEqual(['runtime.powerState']);
    expect(completePath('HostSystem', 'summary.hardware.cpuM')).toEqual([
      'summary.hardware.cpuMhz',
      'summary.hardware.cpuModel',
    ]);
  });

  it('ends at references, arrays and leaves, and gives nothing for what there is not', () => {
    expect(completePath('VirtualMachine', 'runtime.host')).toEqual(['runtime.host']);
    expect(completePath('VirtualMachine', 'runtime.host.')).toEqual([]);
    expect(completePath('VirtualMachine', 'config.hardware.dev')).toEqual(['config.hardware.device']);
    expect(completePath('VirtualMachine', 'config.hardware.device.')).toEqual([]);
    expect(completePath('VirtualMachine', 'overallStatus.')).toEqual([]);
    expect(completePath('VirtualMachine', 'x.y')).toEqual([]);
    expect(completePath('NoSuchType', '')).toEqual([]);
    expect(completePath('VirtualMachine', '__proto__')).toEqual([]);
  });

  it('gives the fields of a data object, and nothing inside them', () => {
    expect(completePath('GuestNicInfo', 'ip')).toEqual(['ipAddress', 'ipConfig']);
    expect(completePath('GuestNicInfo', 'ipC')).toEqual(['ipConfig']);
    expect(completePath('GuestNicInfo', 'ipConfig.')).toEqual([]);
  });

  it('gives only paths that vCenter takes, each once and in order, however one walks', () => {
    const vim25 = loadVim25();
    const steps = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 6 })), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.constantFrom(...TYPES), steps, (type, walk) => {
        let written = '';
        for (const [choice, letters] of walk) {
          const paths = completePath(type, written);
          expect(paths).toEqual([...new Set(paths)].sort());
          const chosen = paths[choice % Math.max(1, paths.length)];
          if (chosen === undefined) return;
          expect(chosen.startsWith(written)).toBe(true);
          const target = checkPropertyPath(type, chosen);
          const isDeep = !target.isArray && vim25.type(target.type)?.kind === 'data object';
          written = isDeep
            ? `${chosen}.`
            : chosen.slice(0, Math.max(written.length, chosen.length - letters));
        }
      }),
    );
  });
});
