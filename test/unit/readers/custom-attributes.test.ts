import { describe, expect, it } from 'vitest';
import { customAttributes } from '../../../lib/readers/custom-attributes.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { NO_EVENTS } from '../../support/no-events.ts';
import { answering, retrievedObject } from './answering.ts';

const FIELDS = [
  '<CustomFieldDef><key>1</key><name>Owner</name></CustomFieldDef>',
  '<CustomFieldDef><key>2</key><name>Room</name></CustomFieldDef>',
  '<CustomFieldDef><name>without a key</name></CustomFieldDef>',
  '<CustomFieldDef><key>4</key></CustomFieldDef>',
];
const fieldValue = (key: number | '', value: string) =>
  '<CustomFieldValue xsi:type="CustomFieldStringValue">' +
  (key === '' ? '' : `<key>${key}</key>`) +
  `<value>${value}</value></CustomFieldValue>`;
const valuesOf = (...values: string[]) => ({
  customValue: `<val xsi:type="ArrayOfCustomFieldValue">${values.join('')}</val>`,
});
const NO_PERMISSION = { customValue: 'NoPermission' };

/** Reads two machines and a host. */
async function read(fields: readonly string[] | undefined, objects: Readonly<Record<string, string>> = {}) {
  const asked: string[] = [];
  const connection = answering(
    ({ body }) => {
      asked.push(
        [
          ...Array.from(body.matchAll(/<obj [^>]*>([^<]*)</g), ([, moref]) => moref),
          ...Array.from(body.matchAll(/<pathSet>([^<]*)</g), ([, path]) => path),
        ].join(' '),
      );
      const content = body.includes('CustomFieldsManager')
        ? retrievedObject(['CustomFieldsManager', 'm'], {
            field: `<val xsi:type="ArrayOfCustomFieldDef">${fields?.join('')}</val>`,
          })
        : Object.keys(objects)
            .filter((moref) => body.includes(`>${moref}<`))
            .map((moref) => objects[moref])
            .join('');
      return `<returnval>${content}</returnval>`;
    },
    fields === undefined ? {} : { customFieldsManager: { type: 'CustomFieldsManager', value: 'm' } },
  );
  const wanted = [
    {
      kind: 'vm',
      needs: [],
      items: ['vm-1', 'vm-2'].map((moref) => ({ type: 'VirtualMachine', moref })),
    },
    { kind: 'host', needs: [], items: [{ type: 'HostSystem', moref: 'host-1' }] },
  ] as const;
  const found = [];
  for await (const one of customAttributes.read(wanted, {
    session: { connection: connection as never, rest: async () => undefined, events: NO_EVENTS },
    clock: createManualClock(),
    signal: new AbortController().signal,
  }))
    found.push(one);
  return { found, asked };
}

describe('the reader of custom attributes', () => {
  it('has the values of each object by the names of their attributes, in one retrieval a type', async () => {
    const { found, asked } = await read(FIELDS, {
      'vm-1': retrievedObject(
        ['VirtualMachine', 'vm-1'],
        valuesOf(fieldValue(1, 'Ann'), fieldValue(2, 'B 3')),
      ),
      'vm-2': retrievedObject(['VirtualMachine', 'vm-2'], {}),
      'host-1': retrievedObject(['HostSystem', 'host-1'], valuesOf(fieldValue(2, 'C 1'))),
    });
    expect(found).toEqual([
      [
        'vm',
        'vm-1',
        [
          { attribute: 'Owner', value: 'Ann' },
          { attribute: 'Room', value: 'B 3' },
        ],
      ],
      ['vm', 'vm-2', []],
      ['host', 'host-1', [{ attribute: 'Room', value: 'C 1' }]],
    ]);
    expect(asked).toEqual(['m field', 'vm-1 vm-2 customValue', 'host-1 customValue']);
  });

  it('leaves out what has no value, whose attribute is gone or has no name, and objects that it may not read', async () => {
    const odd = [
      fieldValue(1, ''),
      fieldValue(4, 'x'),
      fieldValue(9, 'x'),
      fieldValue('', 'x'),
      fieldValue(2, 'B 3'),
    ];
    const { found } = await read(FIELDS, {
      'vm-1': retrievedObject(['VirtualMachine', 'vm-1'], valuesOf(...odd)),
      'vm-2': retrievedObject(['VirtualMachine', 'vm-2'], {}, NO_PERMISSION),
    });
    expect(found).toEqual([['vm', 'vm-1', [{ attribute: 'Room', value: 'B 3' }]]]);
  });

  it.each([
    ['a server without custom attributes', undefined],
    ['a vCenter in which none is defined', []],
  ])('has none of each object on %s, and retrieves none', async (_, fields) => {
    const { found, asked } = await read(fields);
    expect(found).toEqual([
      ['vm', 'vm-1', []],
      ['vm', 'vm-2', []],
      ['host', 'host-1', []],
    ]);
    expect(asked).toEqual(fields === undefined ? [] : ['m field']);
  });
});
