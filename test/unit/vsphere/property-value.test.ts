import { describe, expect, it } from 'vitest';
import { toPropertyValue } from '../../../lib/vsphere/property/property-value.ts';
import { readOne, retrievalAnswer } from './soap-messages.ts';

const read = (xml: string) => toPropertyValue(readOne(retrievalAnswer(xml)));

describe('toPropertyValue', () => {
  it.each([
    ['<val xsi:type="xsd:string"> a b </val>', ' a b '],
    ['<val xsi:type="xsd:string"/>', ''],
    ['<val xsi:type="xsd:dateTime">2026-01-02T03:04:05Z</val>', '2026-01-02T03:04:05Z'],
    ['<val xsi:type="xsd:int">-42</val>', -42],
    ['<val xsi:type="xsd:long">4294967296</val>', 4_294_967_296],
    ['<val xsi:type="xsd:double">1.5E3</val>', 1500],
    ['<val xsi:type="xsd:float">-INF</val>', -Infinity],
    ['<val xsi:type="xsd:float">NaN</val>', Number.NaN],
    ['<val xsi:type="xsd:int">many</val>', 'many'],
    ['<val xsi:type="xsd:int"></val>', ''],
    ['<val xsi:type="xsd:boolean">true</val>', true],
    ['<val xsi:type="xsd:boolean">0</val>', false],
    ['<val xsi:type="ManagedEntityStatus">gray</val>', 'gray'],
  ])('reads %s by its type', (xml, expected) => {
    expect(read(xml)).toEqual(expected);
  });

  it('reads references, also inside a data object', () => {
    expect(read('<val type="Folder" xsi:type="ManagedObjectReference">group-h4</val>')).toEqual({
      type: 'Folder',
      value: 'group-h4',
    });
    expect(read('<val xsi:type="X"><host type="HostSystem">host-1</host></val>')).toEqual({
      host: { type: 'HostSystem', value: 'host-1' },
    });
  });

  it('makes an array of every ArrayOf, also of one item and of none', () => {
    expect(read('<val xsi:type="ArrayOfInt"><int>1</int><int>2</int></val>')).toEqual([1, 2]);
    expect(read('<val xsi:type="ArrayOfString"><string>7</string></val>')).toEqual(['7']);
    expect(read('<val xsi:type="ArrayOfHostService"></val>')).toEqual([]);
    const references =
      '<ManagedObjectReference type="Datastore" xsi:type="ManagedObjectReference">ds-1</ManagedObjectReference>';
    expect(read(`<val xsi:type="ArrayOfManagedObjectReference">${references}</val>`)).toEqual([
      { type: 'Datastore', value: 'ds-1' },
    ]);
  });

  it('keeps the fields of a data object as text, and repeated fields as an array', () => {
    const service = '<key>ntpd</key><running>true</running><tag>a</tag><tag>b</tag><tag>c</tag>';
    expect(read(`<val xsi:type="ArrayOfHostService"><HostService>${service}</HostService></val>`)).toEqual([
      { key: 'ntpd', running: 'true', tag: ['a', 'b', 'c'] },
    ]);
  });

  it('does not mistake an array inside a field for repeated fields', () => {
    const option = '<value xsi:type="ArrayOfInt"><int>1</int></value><value xsi:type="ArrayOfInt"/>';
    expect(read(`<val xsi:type="X">${option}</val>`)).toEqual({ value: [[1], []] });
  });

  it('reads fields that are declared as anyType by the type that they carry', () => {
    const option = '<key>a</key><value xsi:type="xsd:int">5</value>';
    expect(read(`<val xsi:type="OptionValue">${option}</val>`)).toEqual({ key: 'a', value: 5 });
  });

  it('gives a data object without fields as an empty object', () => {
    expect(read('<val xsi:type="HostConfigInfo"></val>')).toEqual({});
  });

  it('takes an element named __proto__ as an ordinary field', () => {
    const value = read('<val xsi:type="X"><__proto__><polluted>1</polluted></__proto__></val>');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
