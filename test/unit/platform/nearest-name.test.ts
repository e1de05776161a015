import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearestName, nearestNames } from '../../../lib/platform/nearest-name.ts';

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['abc', '', 3],
    ['kitten', 'sitting', 3],
    ['power', 'pwoer', 1],
    ['name', 'nmae', 1],
    ['ca', 'abc', 3],
  ])('from %j to %j is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it('is symmetric, zero for equal texts only, and never more than the longer text', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const distance = editDistance(a, b);
        expect(editDistance(b, a)).toBe(distance);
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
  });
});

describe('nearestNames', () => {
  it('finds what is part of a name in other letters, on either side', () => {
    const names = ['vmware_vm_virtualDisk_read_average', 'vmware_vm_mem_usage_average'];
    for (const part of ['virtualDisk', 'virtualdisk', 'VM_VIRTUALDISK'])
      expect(nearestNames(part, names)).toEqual([names[0]]);
  });
});

describe('nearestName', () => {
  it('gives the nearest, and the first of equals', () => {
    expect(nearestName('powerStat', ['bootTime', 'powerState'])).toBe('powerState');
    expect(nearestName('NAME', ['nome', 'name'])).toBe('name');
    expect(nearestName('vn', ['vm', 'vd'])).toBe('vm');
    expect(nearestName('name', [])).toBeUndefined();
  });
});

describe('names that are near', () => {
  it('are five at most: those with the text in them first, then by edits, then the shorter ones', () => {
    const names = [
      'cpu_usages',
      'xcpu_usage',
      'cpu_usage',
      'cpu_usagf',
      'cpu_usabc',
      'my_cpu_usage_max',
      'zzz',
    ];
    expect(nearestNames('cpu_usage', names)).toEqual([
      'cpu_usage',
      'cpu_usages',
      'xcpu_usage',
      'my_cpu_usage_max',
      'cpu_usagf',
    ]);
  });

  it('are as far as a third of the letters, and no farther', () => {
    expect(nearestNames('abcdef', ['abcdxy', 'abcxyz'])).toEqual(['abcdxy']);
    expect(nearestName('abcdef', ['abcdxy'])).toBe('abcdxy');
    expect(nearestName('abcdef', ['abcxyz'])).toBeUndefined();
    expect(nearestName('abcdef', ['abcdefgh'])).toBe('abcdefgh');
    expect(nearestName('abcdef', ['abcdefghi'])).toBeUndefined();
    expect(nearestName('a', ['b'])).toBe('b');
  });

  it('are none of a name of more than 200 letters', () => {
    const long = 'x'.repeat(200);
    expect(nearestNames(long, [long])).toEqual([long]);
    expect(nearestNames(`${long}x`, [`${long}x`])).toEqual([]);
  });
});
