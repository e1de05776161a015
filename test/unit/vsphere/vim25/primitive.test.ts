import { describe, expect, it } from 'vitest';
import { isPrimitive, primitiveReader } from '../../../../lib/vsphere/vim25/primitive.ts';

const read = (type: string, text: string) => primitiveReader(type)?.(text);

describe('primitiveReader', () => {
  it.each([
    ['int', '-42', -42],
    ['int', '+7', 7],
    ['byte', '-128', -128],
    ['long', '9007199254740991', Number.MAX_SAFE_INTEGER],
    ['long', '9007199254740993', '9007199254740993'],
    ['long', '-9223372036854775808', '-9223372036854775808'],
    ['int', '', ''],
    ['int', ' ', ' '],
    ['int', '0x10', '0x10'],
    ['int', '1.5', '1.5'],
    ['int', 'many', 'many'],
    ['double', '1.5E3', 1500],
    ['double', '9007199254740993', 9007199254740992],
    ['float', '-INF', -Infinity],
    ['float', 'INF', Infinity],
    ['float', 'NaN', Number.NaN],
    ['float', 'xINF', 'xINF'],
    ['float', '', ''],
    ['float', ' \n', ' \n'],
    ['float', ' 1.5 ', 1.5],
    ['boolean', 'true', true],
    ['boolean', '1', true],
    ['boolean', 'false', false],
    ['boolean', '0', false],
    ['string', ' a ', ' a '],
    ['anyURI', 'ds:///vmfs/', 'ds:///vmfs/'],
    ['base64Binary', 'AAE=', 'AAE='],
  ])('reads %s %j as %j', (type, text, expected) => {
    expect(read(type, text)).toEqual(expected);
  });

  it.each([
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'],
    ['2026-01-02T03:04:05.123456Z', '2026-01-02T03:04:05.123456Z'],
    ['2026-01-02T03:04:05.123456+05:30', '2026-01-01T21:34:05.123456Z'],
    ['2026-01-02T03:04:05-01:00', '2026-01-02T04:04:05Z'],
    ['2026-01-02T03:04:05', '2026-01-02T03:04:05Z'],
    ['1970-01-01T00:00:00.5+00:00', '1970-01-01T00:00:00.5Z'],
    ['2026-13-02T03:04:05+01:00', '2026-13-02T03:04:05+01:00'],
    ['yesterday', 'yesterday'],
    ['', ''],
  ])('reads the dateTime %j as %j', (text, expected) => {
    expect(read('dateTime', text)).toBe(expected);
  });

  it('is none for types that are not primitive', () => {
    expect(primitiveReader('HostSystem')).toBeUndefined();
    expect(isPrimitive('ManagedObjectReference')).toBe(false);
    expect(isPrimitive('constructor')).toBe(false);
  });
});
