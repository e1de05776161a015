import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RetrievedObject } from '../../../lib/vsphere/property/retrieved-object.ts';
import { valueOfElement } from './element-oracle.ts';
import { readObjects, readOne, retrievalAnswer } from './soap-messages.ts';

/** Types and fields that belong together, some that do not, and what no table knows. */
const TYPES = [
  'xsd:string',
  'xsd:int',
  'xsd:long',
  'xsd:boolean',
  'xsd:dateTime',
  'ManagedObjectReference',
  'ManagedEntityStatus',
  'ArrayOfString',
  'ArrayOfHostNumericSensorInfo',
  'ArrayOfEvent',
  'HostNumericSensorInfo',
  'HostHardwareElementInfo',
  'ElementDescription',
  'VirtualMachineSnapshotTree',
  'HostDasErrorEvent',
  'OptionValue',
  // Has an array that is always set, and one that may be unset.
  'ChoiceOption',
  'ClusterDrsFaultsFaultsByVm',
  'NewerThanTheTable',
];
const NAMES = [
  'HostNumericSensorInfo',
  'Event',
  'string',
  'name',
  'key',
  'healthState',
  'currentReading',
  'unitModifier',
  'childSnapshotList',
  'snapshot',
  'vm',
  'createTime',
  'quiesced',
  'value',
  'status',
  'choiceInfo',
  'fault',
  'unknownField',
  '__proto__',
  'val',
  'objects',
];
const name = fc.constantFrom(...NAMES);
const attributes = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 2, arbitrary: fc.constantFrom(...TYPES).map((type) => ` xsi:type="${type}"`) },
  { weight: 1, arbitrary: fc.constant(' type="HostSystem"') },
);
const text = fc.constantFrom(
  '',
  '1',
  '-1',
  'true',
  'green',
  'a &amp; b',
  '2026-01-02T03:04:05+01:00',
  ' ',
  '<![CDATA[<]]>',
);

/** What an element holds: texts and elements in any order. */
const { content } = fc.letrec<{ content: string; element: string }>((tie) => ({
  content: fc.oneof(
    { weight: 2, arbitrary: text },
    {
      weight: 3,
      arbitrary: fc
        .array(fc.tuple(tie('element'), fc.oneof({ weight: 4, arbitrary: fc.constant('') }, text)), {
          maxLength: 5,
        })
        .map((parts) => parts.flat().join('')),
    },
  ),
  element: fc
    .tuple(name, attributes, tie('content'))
    .map(([one, own, inside]) => `<${one}${own}>${inside}</${one}>`),
}));

const readValue = (val: string) => {
  const properties = `<propSet><name>p</name>${val}</propSet>`;
  const [object] = readObjects(
    retrievalAnswer(`<objects><obj type="HostSystem">host-1</obj>${properties}</objects>`),
  );
  return (object as RetrievedObject).properties.get('p');
};

describe('a value of a data object', () => {
  it('has an empty array where one is declared as always set, and nothing else that did not come', () => {
    expect(readValue('<val xsi:type="ChoiceOption"></val>')).toEqual({ choiceInfo: [] });
    const runtime = '<val xsi:type="HostRuntimeInfo"><powerState>poweredOn</powerState></val>';
    expect(readValue(runtime)).toEqual({ powerState: 'poweredOn' });
  });

  it('is a reference where one is declared, also when no type is sent with it', () => {
    const item = '<ManagedObjectReference>vm-1</ManagedObjectReference>';
    const array = `<val xsi:type="ArrayOfManagedObjectReference">${item}</val>`;
    expect(readValue(array)).toEqual([{ type: '', value: 'vm-1' }]);
  });
});

describe('values that are made while their elements are read', () => {
  // In parts, because a mutation run leaves out what takes ten seconds.
  it.each([1, 2, 3, 4])(
    'are those that whole elements give, whatever their types, fields and texts (%i)',
    () => {
      fc.assert(
        fc.property(attributes, content, (own, inside) => {
          const val = `<val${own}>${inside}</val>`;
          const [object] = readObjects(
            retrievalAnswer(
              `<objects><obj type="HostSystem">host-1</obj><propSet><name>p</name>${val}</propSet></objects>`,
            ),
          );
          const found = (object as RetrievedObject).properties.get('p');
          const expected = valueOfElement(readOne(retrievalAnswer(val)));
          // Its JSON has the order of its fields.
          expect(isDeepStrictEqual(found, expected), val).toBe(true);
          expect(JSON.stringify(found)).toBe(JSON.stringify(expected));
        }),
        { numRuns: 250 },
      );
    },
  );
});
