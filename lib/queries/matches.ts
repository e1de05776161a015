import { compilePattern, PatternError } from '../platform/re2.ts';
import type { Matcher } from './promql.ts';
import { hasVariable } from './variables.ts';

/** No name that somebody wrote needs a longer one. */
const MAX_PATTERN = 4_096;

/**
 * Whether a label of that value could be selected, by Prometheus' rule, which anchors a pattern at both ends. Patterns come
 * from files that anybody may have written: the engine takes no time that grows faster than they do.
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

/** Whether a matcher has a pattern that Prometheus cannot compile. One that is too long here may be right. */
export const isBroken = ({ operator, value }: Pick<Matcher, 'operator' | 'value'>): boolean =>
  operator.endsWith('~') &&
  !hasVariable(value) &&
  value.length <= MAX_PATTERN &&
  matchesPattern(value, '') === undefined;

/** Undefined for what is no pattern. */
function matchesPattern(pattern: string, value: string): boolean | undefined {
  if (pattern.length > MAX_PATTERN) return undefined;
  try {
    return compilePattern(`^(?s:${pattern})$`).test(value);
  } catch (error) {
    if (error instanceof PatternError) return undefined;
    throw error;
  }
}
