import { describe, expect, it } from 'vitest';
import { printRun } from '../../../lib/cli/print-run.ts';
import { printSummary, toJson } from '../../../lib/cli/print-summary.ts';
import { notSwept, type RunSummary } from '../../../lib/sweep/result/summary.ts';
import { here } from '../../support/cli/here.ts';

const summary: RunSummary = {
  runId: 'run-1',
  sweep: 'services',
  scheduledAt: 0,
  startedAt: 0,
  endedAt: 1_000,
  exitCode: 4,
  targets: [notSwept('vc\u001b1', 'lease', [])],
};
const printed = (json: boolean, ...stream: NodeJS.WriteStream[]) =>
  here(async () => {
    printRun(summary, { json, verbose: true }, ...stream);
    return 0;
  });

describe('a run that is printed', () => {
  it('is a table or JSON on standard output', async () => {
    const table = printSummary(summary, Number.POSITIVE_INFINITY).replace('\u001b', '\\u001b');
    expect(await printed(false)).toEqual({ output: `${table}\n`, errors: '', exitCode: 0 });
    expect(await printed(true)).toEqual({ output: `${toJson(summary)}\n`, errors: '', exitCode: 0 });
  });

  it('is on standard error where standard output is for series', async () => {
    const table = await printed(false, process.stderr);
    expect([table.output, table.errors.split('\n')[0]]).toEqual([
      '',
      'sweep services at 1970-01-01T00:00:00.000Z, 1.0 s, exit code 4',
    ]);
    expect(await printed(true, process.stderr)).toEqual({
      output: '',
      errors: `${toJson(summary)}\n`,
      exitCode: 0,
    });
  });
});
