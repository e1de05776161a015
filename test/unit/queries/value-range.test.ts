import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ANY,
  COMPARISONS,
  type Comparison,
  combine,
  isNone,
  keep,
  NONE,
  oneOf,
  union,
  type ValueRange,
} from '../../../lib/queries/value-range.ts';

const value = fc.integer({ min: -4, max: 4 });
const listed = fc.array(value, { minLength: 1, maxLength: 4 }).map(oneOf);
const bounded = fc.tuple(value, value).map(
  ([one, other]): ValueRange => ({
    min: Math.min(one, other),
    max: Math.max(one, other),
  }),
);
const range = fc.oneof(listed, bounded);

const holds = ({ list, min, max }: ValueRange, one: number): boolean =>
  list === undefined ? one >= min && one <= max : list.includes(one);
const valuesOf = (of: ValueRange) => [-4, -3, -2, -1, 0, 1, 2, 3, 4].filter((one) => holds(of, one));
const comparison = fc.constantFrom(...(Object.keys(COMPARISONS) as Comparison[]));

const OPERATIONS = {
  '+': (left: number, right: number) => left + right,
  '-': (left: number, right: number) => left - right,
  '*': (left: number, right: number) => left * right,
  '/': (left: number, right: number) => left / right,
};

describe('the values that a comparison keeps', () => {
  it('are all for which it is true: a comparison that can be true is never called impossible', () => {
    fc.assert(
      fc.property(range, comparison, range, (one, by, other) => {
        const kept = keep(one, by, other);
        for (const left of valuesOf(one))
          if (valuesOf(other).some((right) => COMPARISONS[by](left, right)))
            expect(holds(kept, left)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('are none where all values are known and none fits', () => {
    fc.assert(
      fc.property(listed, comparison, listed, (one, by, other) => {
        const isPossible = valuesOf(one).some((left) =>
          valuesOf(other).some((right) => COMPARISONS[by](left, right)),
        );
        expect(isNone(keep(one, by, other))).toBe(!isPossible);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a list of values', () => {
  it('has 64 at most: of more, anything is possible', () => {
    const values = Array.from({ length: 65 }, (_, index) => index);
    expect(oneOf(values.slice(1))).toEqual({ min: 1, max: 64, list: values.slice(1) });
    expect(oneOf(values)).toEqual(ANY);
  });
});

describe('the values of an operator', () => {
  it('are none where one side has none', () => {
    expect(combine(ANY, '+', NONE)).toEqual(NONE);
    expect(combine(NONE, '+', ANY)).toEqual(NONE);
  });

  it('hold the result of each pair', () => {
    fc.assert(
      fc.property(
        range,
        fc.constantFrom('+' as const, '-' as const, '*' as const, '/' as const),
        range,
        (one, operator, other) => {
          const result = combine(one, operator, other);
          const calculate = OPERATIONS[operator];
          for (const left of valuesOf(one))
            for (const right of valuesOf(other)) {
              const of = calculate(left, right);
              if (!Number.isNaN(of)) expect(holds(result, of), `${left} ${operator} ${right}`).toBe(true);
            }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('of two alternatives are those of either', () => {
    fc.assert(
      fc.property(range, range, (one, other) => {
        for (const of of [...valuesOf(one), ...valuesOf(other)])
          expect(holds(union(one, other), of)).toBe(true);
      }),
    );
  });
});
