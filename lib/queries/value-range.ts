/** The values that an expression can have: those of a list, or all between two bounds. Without any it has no sample. */
export interface ValueRange {
  readonly min: number;
  readonly max: number;
  /** All of them, ascending, where they are few. */
  readonly list?: readonly number[];
}

export const ANY: ValueRange = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
export const NONE: ValueRange = { ...ANY, list: [] };
export const AT_LEAST_ZERO: ValueRange = { ...ANY, min: 0 };
export const AT_LEAST_ONE: ValueRange = { ...ANY, min: 1 };

/** Longer lists become their bounds: pairs of two lists are compared one by one. */
const MAX_LISTED = 64;

export function oneOf(values: readonly number[]): ValueRange {
  const list = [...new Set(values)].toSorted((one, other) => one - other);
  if (list.length === 0) return NONE;
  const bounds = { min: list.at(0) ?? 0, max: list.at(-1) ?? 0 };
  return list.length > MAX_LISTED || list.some(Number.isNaN) ? ANY : { ...bounds, list };
}

export const isNone = ({ list }: ValueRange): boolean => list?.length === 0;

export const COMPARISONS = {
  '==': (one: number, other: number) => one === other,
  '!=': (one: number, other: number) => one !== other,
  '>': (one: number, other: number) => one > other,
  '<': (one: number, other: number) => one < other,
  '>=': (one: number, other: number) => one >= other,
  '<=': (one: number, other: number) => one <= other,
} as const;
export type Comparison = keyof typeof COMPARISONS;

/** The values of `one` for which some value of `other` makes the comparison true. */
export function keep(one: ValueRange, comparison: Comparison, other: ValueRange): ValueRange {
  if (isNone(one) || isNone(other)) return NONE;
  const isTrue = COMPARISONS[comparison];
  const holds = (value: number): boolean =>
    other.list === undefined
      ? holdsInBounds(value, comparison, other)
      : other.list.some((of) => isTrue(value, of));
  if (one.list !== undefined) return oneOf(one.list.filter(holds));
  const { min, max } = one;
  switch (comparison) {
    case '>':
    case '>=':
      return isTrue(max, other.min) ? { min: Math.max(min, other.min), max } : NONE;
    case '<':
    case '<=':
      return isTrue(min, other.max) ? { min, max: Math.min(max, other.max) } : NONE;
    case '==':
      return keepEqual(one, other);
    case '!=':
      return one;
  }
}

const holdsInBounds = (value: number, comparison: Comparison, { min, max }: ValueRange): boolean =>
  comparison === '!=' || comparison === '=='
    ? comparison === '!=' || (value >= min && value <= max)
    : COMPARISONS[comparison](value, comparison.startsWith('>') ? min : max);

function keepEqual({ min, max }: ValueRange, other: ValueRange): ValueRange {
  if (other.list !== undefined) return oneOf(other.list.filter((value) => value >= min && value <= max));
  const bounds = { min: Math.max(min, other.min), max: Math.min(max, other.max) };
  return bounds.min > bounds.max ? NONE : bounds;
}

/** What either can have. */
export function union(one: ValueRange, other: ValueRange): ValueRange {
  if (isNone(one)) return other;
  if (isNone(other)) return one;
  if (one.list !== undefined && other.list !== undefined) return oneOf([...one.list, ...other.list]);
  return { min: Math.min(one.min, other.min), max: Math.max(one.max, other.max) };
}

/** The bounds without the list: what is between two values is possible, too. */
export const between = (range: ValueRange): ValueRange =>
  isNone(range) ? NONE : { min: range.min, max: range.max };

/** A sum of values: their sign is all that is known. */
export function summed(range: ValueRange): ValueRange {
  if (isNone(range)) return NONE;
  return {
    min: range.min >= 0 ? range.min : Number.NEGATIVE_INFINITY,
    max: range.max <= 0 ? range.max : Number.POSITIVE_INFINITY,
  };
}

const OPERATIONS: Readonly<Record<string, (one: number, other: number) => number>> = {
  '+': (one, other) => one + other,
  '-': (one, other) => one - other,
  '*': (one, other) => one * other,
  '/': (one, other) => one / other,
};

/** The result of an arithmetic operator; an operator that is not known can give anything. */
export function combine(one: ValueRange, operator: string, other: ValueRange): ValueRange {
  if (isNone(one) || isNone(other)) return NONE;
  const operation = OPERATIONS[operator];
  if (operation === undefined) return ANY;
  if (
    one.list !== undefined &&
    other.list !== undefined &&
    one.list.length * other.list.length <= MAX_LISTED
  ) {
    const right = other.list;
    return oneOf(one.list.flatMap((value) => right.map((of) => operation(value, of))));
  }
  // A divisor on both sides of 0 can give anything; the ends of the others are ends of the result.
  if (operator === '/' && other.min <= 0 && other.max >= 0) return ANY;
  const ends = [one.min, one.max].flatMap((value) => [
    operation(value, other.min),
    operation(value, other.max),
  ]);
  return ends.some(Number.isNaN) ? ANY : { min: Math.min(...ends), max: Math.max(...ends) };
}
