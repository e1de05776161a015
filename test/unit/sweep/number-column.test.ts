import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NumberColumn, placesColumn, valuesColumn } from '../../../lib/sweep/number-column.ts';

/** Long enough to grow several times. */
const many = (number: fc.Arbitrary<number>) => fc.array(number, { maxLength: 1_000, size: 'max' });

function expectKept(filled: NumberColumn, numbers: readonly number[]): void {
  for (const [index, one] of numbers.entries()) {
    expect(filled.length).toBe(index);
    filled.push(one);
  }
  expect(filled.take()).toEqual(numbers);
  expect(filled.length).toBe(0);
}

describe('a column has what was put into it, in its order, however long it grows', () => {
  it('places', () => {
    const place = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(many(place), (places) => {
        expectKept(placesColumn(), places);
      }),
      { numRuns: 30 },
    );
  });

  it('values', () => {
    const value = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(many(value), (values) => {
        expectKept(valuesColumn(), values);
      }),
      { numRuns: 30 },
    );
  });
});
