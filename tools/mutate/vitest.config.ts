import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { TESTS_VARIABLE } from './parts.ts';

/** A mutant is over with the first test that fails: the quick files first, by how long each took so far. */
class ShortestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const took = (file: TestSpecification) => this.ctx.cache.getTestSpecificationResult(file)?.duration ?? 0;
    return Promise.resolve(files.toSorted((one, other) => took(one) - took(other)));
  }
}

const tests = JSON.parse(process.env[TESTS_VARIABLE] ?? '[]') as string[];

/** For a run of mutants, the tests of one part of lib/: Stryker's own choice leaves module constants unseen. */
export default defineConfig({
  test: {
    include: tests,
    setupFiles: [join(import.meta.dirname, 'seen-elsewhere.ts')],
    sequence: { setupFiles: 'list', sequencer: ShortestFirst },
    // As in the project's own runs: half of what a file of tests does is to load what it tests.
    isolate: false,
    // Changed code is slow, and who hangs is stopped by Stryker.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
