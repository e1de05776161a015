import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { joinKey, parseItem, parseItems } from '../../../lib/state/item.ts';

describe('parseItem', () => {
  it('names the item and three of its faults at most', () => {
    const item = { pk: 'target#vc01', sk: 'hosts', hosts: Array.from({ length: 5_000 }, () => 1) };
    const parse = () => parseItem(z.object({ hosts: z.array(z.string()) }), item);
    expect(parse).toThrow(
      /pk="target#vc01" sk="hosts".* hosts\.0: .*; hosts\.1: .*; hosts\.2: .*; and 4997 more/,
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
  });
});

describe('joinKey', () => {
  it('leaves ordinary names as they are', () => {
    expect(joinKey('run', 'services', 'vc01.example.org')).toBe('run#services#vc01.example.org');
  });

  it('never gives one key for different parts', () => {
    const part = fc.string({ unit: fc.constantFrom('#', '%', '2', '3', '5', 'a') });
    const parts = fc.array(part, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        expect(joinKey(...one) === joinKey(...other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });
});
