import { createRequire } from 'node:module';
import type * as Re2 from 're2js';
import { VsweepError } from './errors.ts';
import type { TextMatcher } from './glob.ts';

/** A regular expression that cannot be used; the message says why. */
export class PatternError extends VsweepError<'pattern'> {
  constructor(message: string) {
    super(message, { code: 'pattern' });
  }
}

/** A regular expression that was compiled. */
export interface Pattern extends TextMatcher {
  /** States of its program: a character costs at most so many steps. */
  readonly size: number;
}

let loaded: typeof Re2 | undefined;

/**
 * A regular expression that is found anywhere in a text, in the syntax of RE2: in time that grows with the text, whatever
 * the expression and the text are, times the size of the expression's program. Throws PatternError. The engine is loaded by the first expression (35 ms), and is in a
 * bundle of AWS only where the configuration has one.
 */
export function compilePattern(pattern: string): Pattern {
  loaded ??= createRequire(import.meta.url)('re2js') as typeof Re2;
  try {
    const compiled = loaded.RE2JS.compile(pattern);
    return { size: compiled.programSize(), test: (text) => compiled.matcher(text).find() };
  } catch (error) {
    if (error instanceof loaded.RE2JSException) throw new PatternError(error.message);
    throw error;
  }
}
