// A reporter of vitest: writes what went wrong outside of all tests, which its JSON report leaves out although it
// fails the run. The file is named by OUTSIDE_ERRORS; tools/test-counts.cjs reads it.
import { writeFileSync } from 'node:fs';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';

/** The file of tests during which an error arose, where vitest knows it. */
interface Where {
  readonly VITEST_TEST_PATH?: string;
}

export default class OutsideErrors implements Reporter {
  onTestRunEnd(_modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const file = process.env['OUTSIDE_ERRORS'];
    if (file === undefined) return;
    const told = errors.map((error) => ({
      file: (error as Where).VITEST_TEST_PATH ?? '',
      said: `${error.stack ?? error.message}`,
    }));
    writeFileSync(file, JSON.stringify(told));
  }
}
