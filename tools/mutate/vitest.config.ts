import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { TESTS_VARIABLE } from './parts.ts';

/** The tests of one part of lib/, for a run of mutants: Stryker's own choice of tests leaves module constants unseen. */
export default defineConfig({
  test: {
    include: JSON.parse(process.env[TESTS_VARIABLE] ?? '[]') as string[],
    setupFiles: [join(import.meta.dirname, 'mutant-of-processes.ts')],
    sequence: { setupFiles: 'list' },
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
