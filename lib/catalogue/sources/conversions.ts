import type { PropertyValue } from '../../vsphere/property/retrieved-object.ts';
import { listOf } from '../../vsphere/property/value-fields.ts';
import type { Declared, Point } from '../row.ts';

/** How one value of a property becomes points. */
export interface Conversion {
  /** What the property has to be declared as; the catalogue's test compares it with the table of types. */
  readonly as: Declared;
  /** No points for a value that says nothing; undefined for one that vSphere does not know. */
  toPoints(value: PropertyValue): readonly Point[] | undefined;
  /** What it knows, in words. */
  readonly expected: string;
  /** The values that the label of its points can have, where they are a closed set. */
  readonly words?: readonly string[];
}

const plain = (value: number): readonly Point[] => [{ labels: [], value }];

/** A number, `factor` times it. vSphere says -1 for no data and for no limit: no points. */
export const number = (factor = 1): Conversion => ({
  as: 'number',
  toPoints(value) {
    const found = numberOf(value);
    return found === undefined ? undefined : found === -1 ? [] : plain(found * factor);
  },
  expected: 'numbers',
});

/** Also a long that JavaScript's numbers cannot hold exactly, which comes as its digits. */
export function numberOf(value: PropertyValue | undefined): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? Number(value) : undefined;
}

/** A number that vSphere has; undefined for its -1, which says that there is none. A sensor's -1 is a reading instead. */
export function amountOf(value: PropertyValue | undefined): number | undefined {
  const found = numberOf(value);
  return found === -1 ? undefined : found;
}

export const boolean: Conversion = {
  as: 'boolean',
  toPoints: (value) => (typeof value === 'boolean' ? plain(value ? 1 : 0) : undefined),
  expected: 'true, false',
};

/** Seconds since the epoch, with the microseconds that vSphere sends. */
export const timestamp: Conversion = {
  as: 'dateTime',
  toPoints(value) {
    const seconds = secondsOf(value);
    return seconds === undefined ? undefined : plain(seconds);
  },
  expected: 'dates',
};

/** Of ISO 8601 text in UTC. */
export function secondsOf(value: PropertyValue | undefined): number | undefined {
  const [, whole = '', fraction = ''] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z$/.exec(typeof value === 'string' ? value : '') ?? [];
  const milliseconds = Date.parse(`${whole}Z`);
  // By its digits: a sum of two fractions is the neighbour of the number that other tools print.
  return Number.isNaN(milliseconds) ? undefined : Number(`${milliseconds / 1_000}${fraction}`);
}

/** A state set: a point a word, 1 for the one that is. So an alert on any word finds a series before it happens. */
export const states = (words: readonly string[]): Conversion => ({
  as: 'text',
  toPoints: (value) =>
    words.some((word) => word === value)
      ? words.map((word) => ({ labels: [word], value: word === value ? 1 : 0 }))
      : undefined,
  expected: words.join(', '),
  words,
});

/** The text as a label; the value is 1. */
export const label: Conversion = {
  as: 'text',
  toPoints: (value) => (typeof value === 'string' ? [{ labels: [value], value: 1 }] : undefined),
  expected: 'text',
};

/** Whether the text is one of these words. */
export const isOneOf = (...words: readonly string[]): Conversion => ({
  as: 'text',
  toPoints: (value) => (typeof value === 'string' ? plain(words.includes(value) ? 1 : 0) : undefined),
  expected: 'text',
});

/** How many elements an array has. */
export const length: Conversion = {
  as: 'array',
  toPoints: (value) => (Array.isArray(value) ? plain(listOf(value).length) : undefined),
  expected: 'arrays',
};

/** How many elements of an array are in each state, a point a word; what is in none of them counts as the last one. */
export const counts = (
  words: readonly string[],
  stateOf: (element: PropertyValue) => PropertyValue | undefined,
): Conversion => ({
  as: 'array',
  toPoints(value) {
    if (!Array.isArray(value)) return undefined;
    const found = listOf(value).map((one) => words.find((word) => word === stateOf(one)) ?? words.at(-1));
    return words.map((word) => ({ labels: [word], value: found.filter((one) => one === word).length }));
  },
  expected: 'arrays',
  words,
});
