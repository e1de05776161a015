import type { KnownSurvivor } from './score.ts';

/**
 * Mutants that survive, each with its reason. Copy `was` and `becomes` from the report of `npm run mutate`, which
 * also names entries that are out of date.
 */
export const KNOWN_SURVIVORS: readonly KnownSurvivor[] = [
  {
    file: 'lib/lockout/guarded-login.ts',
    was: 'const key = JSON.stringify([user.toLowerCase(), address.toLowerCase()]);',
    becomes: 'const key = JSON.stringify([user.toUpperCase(), address.toLowerCase()]);',
    kind: 'equivalent',
    why: 'the key is compared with itself only: either case will do',
  },
  {
    file: 'lib/lockout/guarded-login.ts',
    was: 'const key = JSON.stringify([user.toLowerCase(), address.toLowerCase()]);',
    becomes: 'const key = JSON.stringify([user.toLowerCase(), address.toUpperCase()]);',
    kind: 'equivalent',
    why: 'the key is compared with itself only: either case will do',
  },
];
