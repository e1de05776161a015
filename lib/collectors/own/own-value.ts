import type { Point, Unit } from '../../catalogue/row.ts';
import { numberOf, secondsOf } from '../../catalogue/sources/conversions.ts';
import type { OwnMetricConfig } from '../../config/own-metrics.ts';
import type { PropertyValue } from '../../vsphere/property/retrieved-object.ts';
import { isMoRef, textOf } from '../../vsphere/property/value-fields.ts';
import { loadVim25 } from '../../vsphere/vim25/vim25.ts';
import { compileOwnPattern, PROPERTY_STEPS } from './own-pattern.ts';

/** How a value is declared, as far as its conversion differs. */
export type OwnDeclared =
  | 'boolean'
  | 'number'
  | 'dateTime'
  | 'array'
  | 'text'
  | 'any'
  | 'reference'
  | 'object';

const NUMBERS: readonly string[] = ['byte', 'short', 'int', 'long', 'float', 'double'];

export function declaredAs({
  type,
  isArray,
}: {
  readonly type: string;
  readonly isArray: boolean;
}): OwnDeclared {
  if (isArray) return 'array';
  if (type === 'boolean' || type === 'dateTime') return type;
  if (NUMBERS.includes(type)) return 'number';
  if (type === 'anyType') return 'any';
  const kind = loadVim25().type(type)?.kind;
  return kind === 'managed object' ? 'reference' : kind === 'data object' ? 'object' : 'text';
}

/** What the values of a metric can be, for who reads its expressions. */
export function ownUnit(
  { states, test, type, value, scale, divide, unset = 0 }: OwnMetricConfig,
  declared?: OwnDeclared,
): Unit {
  if (states !== undefined) return 'state';
  if (type === 'counter') return 'total';
  if (value === 1 && declared !== undefined) return 'info';
  const isFlag =
    test !== undefined || (declared === 'boolean' && scale === undefined && divide === undefined);
  return isFlag && (unset === 0 || unset === 1) ? 'boolean' : 'number';
}

/** The series of one value: of a state set one a word. Undefined for a value that cannot be one. */
export type ToPoints = (
  value: PropertyValue,
  labels: readonly string[],
  divisor: number | undefined,
) => readonly Point[] | undefined;

/** A string is never a number: it is a state, or it is tested. Throws PatternError. */
export function ownConversion(metric: OwnMetricConfig, declared: OwnDeclared): ToPoints {
  const { states, test } = metric;
  if (states !== undefined)
    return (value, labels) =>
      states.some((word) => word === value)
        ? states.map((word) => ({ labels: [...labels, word], value: word === value ? 1 : 0 }))
        : undefined;
  const passes = test && ownTest(test, PROPERTY_STEPS);
  const scaled = scaling(metric);
  return (value, labels, divisor) => {
    if (passes !== undefined) return [{ labels, value: passes(value, declared) ? 1 : 0 }];
    const found = toNumber(value, declared);
    if (found === undefined) return undefined;
    const result = scaled(found) / (divisor ?? 1);
    return Number.isFinite(result) ? [{ labels, value: result }] : undefined;
  };
}

/** Booleans are 0 and 1, dates seconds since the epoch, arrays their length. */
export function toNumber(value: PropertyValue, declared: OwnDeclared): number | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (declared === 'array') return Array.isArray(value) ? value.length : undefined;
  if (declared === 'dateTime') return secondsOf(value);
  if (declared === 'number') return numberOf(value);
  return typeof value === 'number' ? value : undefined;
}

/** `1/20000` is divided by, so that it is as exact as a number can be. */
export function scaling({ scale }: Pick<OwnMetricConfig, 'scale'>): (value: number) => number {
  if (scale === undefined) return (value) => value;
  if (typeof scale === 'number') return (value) => value * scale;
  const [above = 1, below = 1] = scale.split('/').map(Number);
  return (value) => (value * above) / below;
}

/**
 * Every condition has to hold: `matches` and a text of `equals` of the text as it is ("8.10" is not "8.1"), the others of
 * the number. `read` is the number of a text that a command printed.
 */
export function ownTest(
  { equals, matches, above = -Infinity, below = Infinity }: NonNullable<OwnMetricConfig['test']>,
  maxSteps?: number,
): (value: PropertyValue, declared: OwnDeclared, read?: number) => boolean {
  const pattern = matches === undefined ? undefined : compileOwnPattern(matches, maxSteps);
  const isBound = above !== -Infinity || below !== Infinity;
  return (value, declared, read) => {
    const text = labelOf(value);
    const isEqual =
      typeof equals === 'number' && read !== undefined ? read === equals : text === String(equals);
    if (equals !== undefined && !isEqual) return false;
    if (pattern !== undefined && !pattern.test(text)) return false;
    if (!isBound) return true;
    const number = read ?? toNumber(value, declared);
    return number !== undefined && number > above && number < below;
  };
}

/** As a part of a help: "1 if it is above 1 and below 9, else 0". */
export function describeTest(test: NonNullable<OwnMetricConfig['test']>): string {
  const { above, below } = test;
  const equal = test.equals === undefined ? [] : [`equals ${test.equals}`];
  const match = test.matches === undefined ? [] : [`matches ${test.matches}`];
  const bounds = Object.entries({ above, below }).flatMap(([word, bound]) =>
    bound === undefined ? [] : [`${word} ${bound}`],
  );
  const within = bounds.length === 0 ? [] : [`is ${bounds.join(' and ')}`];
  return `1 if it ${[...equal, ...match, ...within].join(' and ')}, else 0`;
}

/** Longer ones are cut: each is a part of every series that has it. */
const MAX_OWN_LABEL = 256;

/** As it stands in a label: a reference by its value, the leaves of an array with commas. */
export function labelOf(value: PropertyValue | undefined): string {
  if (Array.isArray(value)) return value.map(labelOf).join(',');
  return isMoRef(value) ? value.value : (textOf(value) ?? '');
}

/** Without control characters, and short. */
export const cutLabel = (text: string): string =>
  text
    .slice(0, MAX_OWN_LABEL)
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, ' ');
