import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSandbox } from './sandbox.ts';

const SCRIPT = 'tools/test-counts.cjs';

interface File {
  readonly name: string;
  readonly status?: 'failed';
  readonly message?: string;
  readonly assertionResults: readonly {
    readonly fullName: string;
    readonly status: string;
    readonly failureMessages?: readonly string[];
  }[];
}

type Sandbox = ReturnType<typeof createSandbox>;

/** Writes a report as vitest does. */
function writeReport(sandbox: Sandbox, name: string, testResults: readonly File[]): void {
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
  sandbox.write(name, JSON.stringify(report));
}

interface Run {
  readonly failedSteps?: string;
  readonly again?: readonly File[];
}

/** What is printed of a run, and of what was played again. */
async function countsOf(first: readonly File[], { failedSteps = '0', again }: Run = {}): Promise<string[]> {
  using sandbox = createSandbox([SCRIPT]);
  writeReport(sandbox, 'report.json', first);
  if (again !== undefined) writeReport(sandbox, 'again.json', again);
  const { stdout } = await sandbox.run(SCRIPT, ['counts', 'report.json', 'again.json', failedSteps]);
  return stdout.trimEnd().split('\n');
}

/** Which files are to be played again, or why none is. */
async function playedAgain(first: readonly File[]): Promise<{ stdout: string; stderr: string }> {
  using sandbox = createSandbox([SCRIPT]);
  writeReport(sandbox, 'report.json', first);
  return await sandbox.run(SCRIPT, ['again', 'report.json']);
}

const failedFile = (name: string): File => ({
  name,
  status: 'failed',
  assertionResults: [
    { fullName: 'a run ends in time', status: 'failed', failureMessages: ['2 is not 3\nat x'] },
  ],
});

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
      '1 passed, 2 failed, 0 skipped',
    ]);
  });

  it('counts a failure when another step failed', async () => {
    expect(await countsOf([{ name: 'a.test.ts', assertionResults: [PASSED] }], { failedSteps: '1' })).toEqual(
      ['1 passed, 1 failed, 0 skipped'],
    );
  });

  it('says that there is no report when the tests did not come to their end', async () => {
    using sandbox = createSandbox([SCRIPT]);
    const { stdout } = await sandbox.run(SCRIPT, ['counts', 'report.json', 'again.json', '1']);
    expect(stdout).toMatch(/^failed: no report of the tests: ENOENT.*\n0 passed, 1 failed, 0 skipped\n$/);
  });

  it('tells what a failed test said', async () => {
    expect(await countsOf([failedFile('test/a.test.ts')], { failedSteps: '1' })).toEqual([
      'failed: test/a.test.ts: a run ends in time',
      '    2 is not 3',
      '    at x',
      '0 passed, 1 failed, 0 skipped',
    ]);
  });

  it('tells of an error outside of all tests, and whether it came again when its file was played again', async () => {
    const files = ['a', 'b'].map((name) => ({ name: `test/${name}.test.ts`, assertionResults: [PASSED] }));
    using sandbox = createSandbox([SCRIPT]);
    const outside = (report: string, names: readonly string[]) => {
      const errors = names.map((name) => ({ file: name && join(sandbox.folder, name), said: 'Error: cut' }));
      sandbox.write(`${report}.outside`, JSON.stringify(errors));
      writeReport(sandbox, report, files);
    };
    outside('report.json', ['test/a.test.ts', 'test/b.test.ts', '']);
    outside('again.json', ['test/b.test.ts']);
    const { stdout } = await sandbox.run(SCRIPT, ['counts', 'report.json', 'again.json', '1']);
    expect(stdout.trimEnd().split('\n')).toEqual([
      'failed once, passed when played again: test/a.test.ts: an error outside of all tests',
      '    Error: cut',
      'failed: test/b.test.ts: an error outside of all tests',
      '    Error: cut',
      'failed: no file of tests: an error outside of all tests',
      '    Error: cut',
      '2 passed, 2 failed, 0 skipped',
    ]);
  });

  it('names a test that passed when its file was played again, and one that failed twice', async () => {
    const again = [
      { name: 'test/a.test.ts', assertionResults: [{ ...PASSED, fullName: 'a run ends in time' }] },
      failedFile('test/b.test.ts'),
    ];
    const first = [failedFile('test/a.test.ts'), failedFile('test/b.test.ts')];
    const lines = await countsOf(first, { failedSteps: '1', again });
    expect(lines.filter((line) => !line.startsWith(' '))).toEqual([
      'failed once, passed when played again: test/a.test.ts: a run ends in time',
      'failed: test/b.test.ts: a run ends in time',
      '1 passed, 1 failed, 0 skipped',
    ]);
  });
});

describe('what CI plays again', () => {
  it('is each file with a failed test', async () => {
    const files = ['test/integration/cli/a.test.ts', 'test/peers/b.test.ts'];
    const passed = { name: 'test/unit/c.test.ts', assertionResults: [PASSED] };
    expect(await playedAgain([...files.map(failedFile), passed])).toMatchObject({
      stdout: `${files.join('\n')}\n`,
    });
  });

  it.each(['test/peers/logins/a.test.ts', 'test/unit/logins/rules/a.test.ts'])(
    'is nothing where one of what guards accounts failed: %s',
    async (file) => {
      const { stdout, stderr } = await playedAgain([failedFile(file), failedFile('test/peers/b.test.ts')]);
      expect({ stdout, stderr }).toEqual({
        stdout: '',
        stderr: `nothing is played again: ${file} must pass each time\n`,
      });
    },
  );

  it('is the file of tests during which an error arose outside of them, and nothing where it is unknown', async () => {
    const passed = { name: 'test/peers/a.test.ts', assertionResults: [PASSED] };
    using sandbox = createSandbox([SCRIPT]);
    writeReport(sandbox, 'report.json', [passed]);
    const again = async (errors: readonly object[]) => {
      sandbox.write('report.json.outside', JSON.stringify(errors));
      return await sandbox.run(SCRIPT, ['again', 'report.json']);
    };
    const known = { file: join(sandbox.folder, passed.name), said: 'Error: read ECONNRESET' };
    expect(await again([known, known])).toMatchObject({ stdout: `${passed.name}\n` });
    expect(await again([known, { file: '', said: 'Error: a worker ended' }])).toMatchObject({
      stdout: '',
      stderr: 'nothing is played again: an error arose in no file of tests\n',
    });
  });

  it('is nothing where many failed, or where an error is in no file', async () => {
    const many = ['a', 'b', 'c', 'd'].map((name) => failedFile(`test/peers/${name}.test.ts`));
    expect(await playedAgain(many)).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('4 files failed'),
    });
    expect(await playedAgain([{ name: 'test/a.test.ts', assertionResults: [PASSED] }])).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('no file failed'),
    });
  });
});
