import { describe, expect, it } from 'vitest';
import { toPropertyValue } from '../../../lib/vsphere/property/property-value.ts';
import type { PropertyValue } from '../../../lib/vsphere/property/retrieved-object.ts';
import { subtypeOf } from '../../../lib/vsphere/property/value-builder.ts';
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

  it('knows of an object in an array the type that it says of itself, where that is another one', () => {
    const event = (name: string, type = '') =>
      `<Event${type}><key>1</key><userName>${name}</userName></Event>`;
    const [subtype, plain] = read(
      `<val xsi:type="ArrayOfEvent">${event('a', ' xsi:type="HostDasErrorEvent"')}${event('b')}</val>`,
    ) as PropertyValue[];
    expect([subtype, plain].map((one) => subtypeOf(one ?? ''))).toEqual(['HostDasErrorEvent', undefined]);
    expect(subtype).toEqual({ key: 1, userName: 'a' });
    expect(subtypeOf('text')).toBeUndefined();
  });

  it('reads the fields of a data object as they are declared, inherited ones too', () => {
    const event =
      '<key>7</key><chainId>7</chainId><createdTime>2026-01-02T04:04:05+01:00</createdTime><userName>u</userName>' +
      '<vm><name>web</name><vm type="VirtualMachine">vm-1</vm></vm><template>false</template>';
    expect(read(`<val xsi:type="VmPoweredOnEvent">${event}</val>`)).toEqual({
      key: 7,
      chainId: 7,
      createdTime: '2026-01-02T03:04:05Z',
      userName: 'u',
      vm: { name: 'web', vm: { type: 'VirtualMachine', value: 'vm-1' } },
      template: false,
    });
  });

  it('keeps an array of one as an array', () => {
    const service = '<key>1</key><running>true</running><ruleset>ssh</ruleset>';
    expect(read(`<val xsi:type="HostServiceInfo"><service>${service}</service></val>`)).toEqual({
      service: [{ key: '1', running: true, ruleset: ['ssh'] }],
    });
  });

  it('leaves out an array that is unset, and gives an empty one where it is declared as always set', () => {
    expect(read('<val xsi:type="HostServiceInfo"/>')).toEqual({});
    expect(read('<val xsi:type="VirtualMachineSnapshotInfo"/>')).toEqual({ rootSnapshotList: [] });
  });

  it('reads bytes as numbers, and leaves the digits of a long that a number cannot hold', () => {
    const digest =
      '<digestMethod>SHA-1</digestMethod><digestValue>-12</digestValue><digestValue>7</digestValue>';
    expect(read(`<val xsi:type="HostDigestInfo">${digest}</val>`)).toEqual({
      digestMethod: 'SHA-1',
      digestValue: [-12, 7],
    });
    const memory = '<memorySize>9223372036854775807</memorySize><cpuModel>x</cpuModel>';
    expect(read(`<val xsi:type="HostHardwareSummary">${memory}</val>`)).toEqual({
      memorySize: '9223372036854775807',
      cpuModel: 'x',
    });
  });

  it('goes by the type that a field carries where it is a subtype of the declared one', () => {
    const backing =
      '<backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName>f</fileName><split>false</split></backing>';
    const disk = `<VirtualDevice xsi:type="VirtualDisk"><key>2000</key>${backing}<capacityInKB>8</capacityInKB></VirtualDevice>`;
    expect(read(`<val xsi:type="ArrayOfVirtualDevice">${disk}</val>`)).toEqual([
      { key: 2000, backing: { fileName: 'f', split: false }, capacityInKB: 8 },
    ]);
  });

  it('reads a subtype that the table lacks by the declared type, and its new fields as they look', () => {
    const device = '<key>9</key><warp>5</warp><coil>a</coil><coil>b</coil><core><heat>1</heat></core>';
    expect(
      read(
        `<val xsi:type="ArrayOfVirtualDevice"><VirtualDevice xsi:type="WarpDrive">${device}</VirtualDevice></val>`,
      ),
    ).toEqual([{ key: 9, warp: '5', coil: ['a', 'b'], core: { heat: '1' } }]);
  });

  it('reads a data object that the table lacks by what it looks like', () => {
    const fields = '<key>9</key><on>true</on><tag>a</tag><tag>b</tag><at xsi:type="xsd:int">5</at>';
    expect(read(`<val xsi:type="WarpInfo">${fields}</val>`)).toEqual({
      key: '9',
      on: 'true',
      tag: ['a', 'b'],
      at: 5,
    });
    expect(read(`<val xsi:type="ArrayOfWarpInfo"><WarpInfo>${fields}</WarpInfo></val>`)).toHaveLength(1);
  });

  it('goes by the type that the caller declares where the element has none', () => {
    const element = readOne(retrievalAnswer('<val><counterId>1</counterId><instance/></val>'));
    expect(toPropertyValue(element, 'PerfMetricId')).toEqual({ counterId: 1, instance: '' });
    const plain = readOne(retrievalAnswer('<val>1</val>'));
    expect(toPropertyValue(plain, 'int')).toBe(1);
    expect(toPropertyValue(plain)).toBe('1');
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
