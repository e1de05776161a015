import { describe, expect, it } from 'vitest';
import {
  booleanOf,
  fieldOf,
  integerOf,
  listOf,
  moRefOf,
  textOf,
} from '../../../lib/vsphere/property/value-fields.ts';

describe('the readers of fields', () => {
  it('read leaves that came typed and leaves that came as text alike', () => {
    expect([integerOf(7), integerOf('7'), integerOf('-1')]).toEqual([7, 7, -1]);
    expect([true, 'true', '1', false, 'false', '0'].map(booleanOf)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    expect([textOf('a'), textOf(5), textOf(false)]).toEqual(['a', '5', 'false']);
  });

  it('make nothing up of what is something else', () => {
    expect(['', ' ', '7.5', '1e3', '0x1', '9'.repeat(16), {}, [], true].map(integerOf)).toEqual(
      Array(9).fill(undefined),
    );
    expect([1.5, Number.NaN, 2 ** 60].map(integerOf)).toEqual(Array(3).fill(undefined));
    expect(['yes', '', {}, 1].map(booleanOf)).toEqual(Array(4).fill(undefined));
    expect([{}, [], undefined].map(textOf)).toEqual(Array(3).fill(undefined));
    expect([moRefOf({ type: 'HostSystem' }), moRefOf('host-1'), moRefOf(undefined)]).toEqual(
      Array(3).fill(undefined),
    );
  });

  it('find own fields only', () => {
    expect(fieldOf({ a: 1 }, 'a')).toBe(1);
    expect([fieldOf({}, 'toString'), fieldOf([], 'length'), fieldOf('text', 'length')]).toEqual(
      Array(3).fill(undefined),
    );
  });

  it('give a list for none, one and several', () => {
    expect([listOf(undefined), listOf('a'), listOf(['a', 'b'])]).toEqual([[], ['a'], ['a', 'b']]);
  });
});
