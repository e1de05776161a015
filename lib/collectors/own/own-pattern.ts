import type { TextMatcher } from '../../platform/glob.ts';
import { compilePattern, PatternError } from '../../platform/re2.ts';

/** A pattern of an own metric, and what it may cost. */
export interface OwnPattern extends TextMatcher {
  /** Throws PatternError if so many characters of one answer are too many for it. */
  checkCost(characters: number): void;
}

/** Repeats with a number are written out: `a{0,900}` has 900 states, each of which a character may have to be held against. */
const MAX_SIZE = 300;
/**
 * States times characters, of one answer. A step takes 20 ns where texts and pattern are made for it, else a tenth: so an
 * answer takes half a second at worst. Matching runs in the thread of the logins.
 */
const MAX_STEPS = 25_000_000;
/** Of one text of vCenter, of which each object has some: 30 ms. */
export const PROPERTY_STEPS = 1_500_000;
const MAX_SHOWN = 60;

/** Found anywhere in a text. Throws PatternError, with a remedy: for one that is too large, and `test` for too long a text. */
export function compileOwnPattern(written: string, maxSteps = MAX_STEPS): OwnPattern {
  const { size, test } = compileWritten(written);
  if (size > MAX_SIZE)
    throw new PatternError(
      `the pattern has ${size} states, and at most ${MAX_SIZE} are possible; write * or + in place of a high number of repeats`,
    );
  const most = Math.floor(maxSteps / size);
  const checkCost = (characters: number) => {
    if (characters > most)
      throw new PatternError(
        `the answer has ${characters} characters, and "${written.slice(0, MAX_SHOWN)}" is matched against at most ${most}; write a shorter pattern, or ask for less, as by grep -c`,
      );
  };
  return {
    checkCost,
    test(text) {
      checkCost(text.length);
      return test(text);
    },
  };
}

function compileWritten(written: string) {
  try {
    return compilePattern(written);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new PatternError(
      `${error.message}; write it in the syntax of RE2, which has no look-around and no back-references`,
    );
  }
}
