import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSandbox } from './sandbox.ts';

const SCRIPT = 'tools/test-counts.cjs';

interface File {
  readonly name: string;
  readonly status?: 'failed';
  readonly message?: string;
  readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
}

/** What is printed of a report as vitest writes it. */
async function countsOf(testResults: readonly File[], { failedSteps = '0' } = {}): Promise<string[]> {
  using sandbox = createSandbox([SCRIPT]);
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  const count = (status: string) => results.filter((one) => one.status === status).length;
  const files = testResults.map((file) => ({
    status: 'passed',
    message: '',
    ...file,
    name: join(sandbox.folder, file.name),
  }));
  const report = {
    success: count('failed') === 0 && testResults.every(({ status }) => status !== 'failed'),
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('skipped'),
    numTodoTests: 0,
    testResults: files,
  };
  sandbox.write('report.json', JSON.stringify(report));
  const { stdout } = await sandbox.run(SCRIPT, ['report.json', failedSteps]);
  return stdout.trimEnd().split('\n');
}

const PASSED = { fullName: 'a host is asked', status: 'passed' };

describe('the end of a CI run', () => {
  it('has the counts alone when all is well', async () => {
    const skipped = { fullName: 'a peer answers', status: 'skipped' };
    expect(await countsOf([{ name: 'a.test.ts', assertionResults: [PASSED, skipped] }])).toEqual([
      '1 passed, 0 failed, 1 skipped',
    ]);
  });

  it('names each test that failed with its file, and a file that could not be loaded', async () => {
    const failed = { fullName: 'a run ends in time', status: 'failed' };
    expect(
      await countsOf([
        { name: 'test/a.test.ts', status: 'failed', assertionResults: [PASSED, failed] },
        { name: 'test/b.test.ts', status: 'failed', message: 'no such module\nat …', assertionResults: [] },
      ]),
    ).toEqual([
      'failed: test/a.test.ts: a run ends in time',
      'failed: test/b.test.ts: no such module',
      '1 passed, 1 failed, 0 skipped',
    ]);
  });

  it('counts a failure when another step failed', async () => {
    expect(await countsOf([{ name: 'a.test.ts', assertionResults: [PASSED] }], { failedSteps: '1' })).toEqual(
      ['1 passed, 1 failed, 0 skipped'],
    );
  });

  it('says that there is no report when the tests did not come to their end', async () => {
    using sandbox = createSandbox([SCRIPT]);
    const { stdout } = await sandbox.run(SCRIPT, ['report.json', '1']);
    expect(stdout).toMatch(/^failed: no report of the tests: ENOENT.*\n0 passed, 1 failed, 0 skipped\n$/);
  });
});
