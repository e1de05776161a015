import { describe, expect, it } from 'vitest';
import { APPLIANCE } from '../../../lib/catalogue/sources/appliance.ts';
import { CUSTOM_ATTRIBUTES, customAttributes } from '../../../lib/catalogue/sources/custom-attributes.ts';
import { EVENTS, eventTotals } from '../../../lib/catalogue/sources/events.ts';
import { TAGS, tags } from '../../../lib/catalogue/sources/tags.ts';
import { classOfUser, VCENTER } from '../../../lib/catalogue/sources/vcenter.ts';
import { VSAN } from '../../../lib/catalogue/sources/vsan.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';

const OF_PARTS = COLLECTORS.flatMap(({ rows }) => rows).filter(({ source: { reader } }) =>
  [APPLIANCE, VCENTER, VSAN].includes(reader),
);
const NOTHING = { points: [], warnings: [] };

describe('a row of what is asked in parts', () => {
  it.each(OF_PARTS)('$name needs one part, and says what becomes of it without that', ({ source }) => {
    const [need = ''] = source.needs.map(String);
    const without = (more: object) => source.evaluate({ answers: {}, denied: {}, failed: {}, ...more });
    expect(() => without({})).toThrow(new Error(`${need} was not read`));
    expect(() => without({ failed: { [need]: 'cut off' } })).toThrow(new Error('cut off'));
    expect(without({ denied: { [need]: 'no such thing' } })).toEqual({
      points: [],
      warnings: ['no such thing'],
    });
    expect(without({ lacking: { [need]: 'System.Read' } })).toEqual({ ...NOTHING, lacks: ['System.Read'] });
    expect(without({ absent: new Set([need]) })).toEqual(NOTHING);
  });
});

describe('what is read of a whole target', () => {
  it('is tags, custom attributes and totals of events, each a point', () => {
    expect([tags, customAttributes, eventTotals].map(({ reader, needs }) => [reader, needs])).toEqual([
      [TAGS, ['tags']],
      [CUSTOM_ATTRIBUTES, ['customValue']],
      [EVENTS, ['totals']],
    ]);
    expect(tags.evaluate([{ category: 'Tier', tag: 'gold' }])).toEqual({
      points: [{ labels: ['Tier', 'gold'], value: 1 }],
      warnings: [],
    });
    expect(customAttributes.evaluate([{ attribute: 'Owner', value: 'ops' }])).toEqual({
      points: [{ labels: ['Owner', 'ops'], value: 1 }],
      warnings: [],
    });
    expect(eventTotals.evaluate({ totals: { apd: 3, link: 0 }, warnings: ['late'] })).toEqual({
      points: [
        { labels: ['apd'], value: 3 },
        { labels: ['link'], value: 0 },
      ],
      warnings: ['late'],
      lacks: [],
    });
    const lacking = eventTotals.evaluate({ totals: {}, warnings: [], lacks: ['System.View'] });
    expect(lacking).toEqual({ points: [], warnings: [], lacks: ['System.View'] });
  });
});

it.each([
  ['VSPHERE.LOCAL\\vpxd-extension-12e0b667-892c-4694-8a5e-f13147e45dbd', 'solution'],
  ['vpxd-12E0B667-892C-4694-8A5E-F13147E45DBD@vsphere.local', 'solution'],
  ['VSPHERE.LOCAL\\vsweep', 'own'],
  ['VSPHERE.LOCAL\\admin', 'other'],
  ['12e0b667-892c-4694-8a5e-f13147e45dbd', 'other'],
  ['vpxd-12e0b667-892c-f13147e45dbd', 'other'],
  ['vpxd-12e0b667-892c-4694-8a5e-f13147e45dbd-x', 'other'],
  ['vpxd-2e0b667-892c-4694-8a5e-f13147e45dbd', 'other'],
])('a session of %s is of the class %s', (userName, userClass) => {
  expect(classOfUser(userName, 'VSPHERE.LOCAL\\vsweep')).toBe(userClass);
});
