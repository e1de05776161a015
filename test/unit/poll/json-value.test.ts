import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toJsonValue } from '../../../lib/poll/json-value.ts';

describe('toJsonValue', () => {
  it('leaves text, numbers, booleans and dates as they came', () => {
    for (const value of ['green', 5, 0.5, true, '2026-11-22T01:02:03.5Z', '']) {
      expect(toJsonValue(value)).toBe(value);
    }
  });

  it('prints a reference as pyVmomi does, by its name for the type', () => {
    expect(toJsonValue({ type: 'HostSystem', value: 'host-10' })).toBe("'vim.HostSystem:host-10'");
    expect(toJsonValue({ type: 'DistributedVirtualPortgroup', value: 'dvportgroup-7' })).toBe(
      "'vim.dvs.DistributedVirtualPortgroup:dvportgroup-7'",
    );
    expect(toJsonValue([{ type: 'Datastore', value: 'datastore-1' }])).toEqual([
      "'vim.Datastore:datastore-1'",
    ]);
  });

  it('gives a data object as its fields, references inside it too', () => {
    const host = { type: 'HostSystem', value: 'host-10' };
    expect(toJsonValue({ key: 'ntpd', running: 'true', host, ruleset: ['a', 'b'] })).toEqual({
      key: 'ntpd',
      running: 'true',
      host: "'vim.HostSystem:host-10'",
      ruleset: ['a', 'b'],
    });
  });

  it('does not take a data object for a reference', () => {
    for (const object of [
      { type: 'management', value: 'vmk0' },
      { type: 'HostSystem', value: 'host-10', key: '1' },
      { type: 'HostSystem' },
      { type: 'HostSystem', value: ['host-10'] },
    ]) {
      expect(toJsonValue(object)).toEqual(object);
    }
  });

  it('makes of any value what JSON keeps, with every field of its objects', () => {
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.array(tie('tree')),
        fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('tree'), {
          noNullPrototype: true,
        }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const json = toJsonValue(value as Parameters<typeof toJsonValue>[0]);
        expect(JSON.parse(JSON.stringify(json))).toEqual(value);
      }),
    );
  });
});
