const seconds = Number(process.env['FUZZ_SECONDS'] ?? 0);

/**
 * How long a property is tried: `runs` in the suite, which takes a second or two; with FUZZ_SECONDS, as `npm run fuzz`
 * sets it, that long.
 */
export function fuzzing({ runs }: { runs: number }): { numRuns: number; interruptAfterTimeLimit?: number } {
  if (!(seconds > 0)) return { numRuns: runs };
  return { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: seconds * 1_000 };
}

/** For the test around it. */
export const FUZZING_MS = Math.max(20_000, 2_000 * seconds);
