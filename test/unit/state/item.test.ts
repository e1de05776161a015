import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { StateError } from '../../../lib/state/errors.ts';
import { joinKey, parseItem, parseItems } from '../../../lib/state/item.ts';

describe('parseItem', () => {
  it('names the item and three of its faults at most', () => {
    const item = { pk: 'target#vc01', sk: 'hosts', hosts: Array.from({ length: 5_000 }, () => 1) };
    const parse = () => parseItem(z.object({ hosts: z.array(z.string()) }), item);
    expect(parse).toThrow(
      /pk="target#vc01" sk="hosts".* hosts\.0: [^;]*; hosts\.1: [^;]*; hosts\.2: [^;]*; and 4997 more\. Another/,
    );
  });

  it('names all of three faults', () => {
    const parse = () =>
      parseItem(z.object({ hosts: z.array(z.string()) }), { pk: 'a', sk: 'b', hosts: [1, 2, 3] });
    expect(parse).toThrow(/ hosts\.0: [^;]*; hosts\.1: [^;]*; hosts\.2: [^;]*\. Another/);
  });
});

describe('parseItem, of a value as a whole', () => {
  it('says that the item is at fault', () => {
    const parse = () => parseItem(z.string('no text'), { pk: 'groups', sk: 'a' });
    expect(parse).toThrow(
      'The item pk="groups" sk="a" of the state table is invalid: item: no text. Another version of vsweep or a person wrote it: correct it or delete it.',
    );
  });
});

describe('parseItems', () => {
  const schema = z.object({ value: z.number() });
  const items = [
    { pk: 'x', sk: 'good', value: 1 },
    { pk: 'x', sk: 'bad', value: 'one' },
  ];

  it('leaves a malformed item out where somebody is told of it', () => {
    const told: string[] = [];
    const onMalformed = (sk: string, error: Error) => void told.push(`${sk}: ${error.message}`);
    expect(parseItems(items, (item) => parseItem(schema, item).value, { onMalformed })).toEqual([
      ['good', 1],
    ]);
    expect(told).toEqual([expect.stringContaining('sk="bad"')]);
  });

  it('throws at a malformed item else, and at any other fault', () => {
    expect(() => parseItems(items, (item) => parseItem(schema, item), {})).toThrow('sk="bad"');
    const broken = () => {
      throw new RangeError('a fault of ours');
    };
    expect(() => parseItems(items, broken, { onMalformed: () => undefined })).toThrow(RangeError);
    const away = () => {
      throw new StateError('no table', { code: 'unavailable' });
    };
    expect(() => parseItems(items, away, { onMalformed: () => undefined })).toThrow('no table');
  });
});

describe('joinKey', () => {
  it('leaves ordinary names as they are', () => {
    expect(joinKey('run', 'services', 'vc01.example.org')).toBe('run#services#vc01.example.org');
  });

  it('gives a key from which its parts can be read again, so that no two lists of parts share one', () => {
    const part = fc.string({ unit: fc.constantFrom('#', '%', '2', '3', '5', 'a') });
    const partsIn = (key: string) =>
      key.split('#').map((one) => one.replaceAll('%23', '#').replaceAll('%25', '%'));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (parts) => {
        expect(partsIn(joinKey(...parts))).toEqual(parts);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    [['a#b'], ['a', 'b']],
    [['a%23b'], ['a#b']],
    [['a%2523b'], ['a%23b']],
    [['a', ''], ['a']],
  ])('gives %j another key than %j', (one, other) => {
    expect(joinKey(...one)).not.toBe(joinKey(...other));
  });
});
