import type { KnownSurvivor } from './score.ts';

/**
 * Mutants that survive, each with its reason. Copy `was` and `becomes` from the report of `npm run mutate`, which
 * also names entries that are out of date.
 */
export const KNOWN_SURVIVORS: readonly KnownSurvivor[] = [];
