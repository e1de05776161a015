import { describe, expect, it } from 'vitest';
import { fieldKey } from '../../../../lib/esxi/esxcli/read-output.ts';
import { booleanOf, fieldOf, numberOf, textOf } from '../../../../lib/esxi/esxcli/values.ts';

const record = (fields: Record<string, string | number | boolean>) =>
  new Map(Object.entries(fields).map(([name, value]) => [fieldKey(name), value]));

describe('a field of a record of esxcli', () => {
  it('is the first of several names that the record has', () => {
    const one = record({ 'Old Name': 'old', 'New Name': 'new' });
    expect(fieldOf(one, 'New Name', 'Old Name')).toBe('new');
    expect(fieldOf(one, 'Newest Name', 'Old Name')).toBe('old');
    expect(fieldOf(one, 'Other')).toBeUndefined();
  });

  it('is a text without the spaces around it, empty where there is none', () => {
    expect(textOf(record({ A: '  x y ' }), 'A')).toBe('x y');
    expect(textOf(record({ A: 5 }), 'A')).toBe('5');
    expect(textOf(record({}), 'A')).toBe('');
  });

  it.each([
    ['7', 7],
    [' 7 ', 7],
    ['-1.5', -1.5],
    ['0x1F', 31],
    ['0Xff', 255],
    [5, 5],
    [Number.NaN, undefined],
    ['', undefined],
    ['N/A', undefined],
    ['7 C', undefined],
    ['0x', undefined],
    ['1.', undefined],
    ['+7', undefined],
    ['123456789012345678901', undefined],
    ['0x12345678901234567', undefined],
  ])('is a number: %j is %j', (value, expected) => {
    expect(numberOf(record({ A: value }), 'A')).toBe(expected);
    expect(numberOf(record({}), 'A')).toBeUndefined();
  });

  it.each([
    ['true', true],
    [' True ', true],
    ['FALSE', false],
    [true, true],
    ['yes', undefined],
    ['', undefined],
  ])('is a boolean: %j is %j', (value, expected) => {
    expect(booleanOf(record({ A: value }), 'A')).toBe(expected);
  });
});
