import type { Matcher } from './promql.ts';
import { hasVariable } from './variables.ts';

/** Steps of a match by backtracking: a pattern that could need more is not tried. */
const MAX_STEPS = 100_000;

/**
 * Whether a label of that value could be selected. A pattern comes from a file that anybody may have written: one that is
 * not simple, or could take long, may match.
 */
export function mayMatch(
  { operator, value: wanted }: Pick<Matcher, 'operator' | 'value'>,
  value: string,
): boolean {
  if (hasVariable(wanted)) return true;
  if (operator === '=') return value === wanted;
  if (operator === '!=') return value !== wanted;
  const isMatch = matchesPattern(wanted, value);
  return isMatch === undefined || isMatch === (operator === '=~');
}

/** By Prometheus' rule, which anchors a pattern at both ends; undefined if that cannot be told. */
function matchesPattern(pattern: string, value: string): boolean | undefined {
  if (pattern === value || pattern === '.*') return true;
  if (pattern === '') return value === '';
  if (pattern === '.+') return value !== '';
  const count = (of: RegExp) => pattern.match(of)?.length ?? 0;
  const steps = (value.length + 1) ** count(/[*+?{]/g) * (count(/\|/g) + 1) ** count(/\(/g);
  // In JavaScript `(?i)` is a fault and `\z` means another thing than in RE2; a repeated group can take exponential time.
  const isOdd = /\(\?|\\[^.\-_/|()[\]{}*+?^$\\dws]|\)[*+{]/.test(pattern);
  if (isOdd || pattern.length > 4_096 || steps > MAX_STEPS) return undefined;
  try {
    return new RegExp(`^(?:${pattern})$`, 's').test(value);
  } catch {
    return undefined;
  }
}
