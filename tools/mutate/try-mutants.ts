import * as fs from 'node:fs';
import * as path from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { changedLines } from './mutant-text.ts';
import { type Part, TESTS_VARIABLE, testsOf } from './parts.ts';
import type { TriedMutant } from './score.ts';
import { NOT_IN_SAMPLE } from './stryker-plugins.ts';

/** Where runs leave their reports, and work; git ignores it. */
const FOLDER = '.mutate';

/**
 * Runs the part's tests against each mutant of the files, which are named from `root`, the working directory. Throws
 * when a test fails without any mutant.
 */
export async function tryMutants(
  part: Part,
  files: readonly string[],
  {
    root,
    workers,
    only,
  }: { readonly root: string; readonly workers: number; readonly only: readonly string[] },
): Promise<TriedMutant[]> {
  const tests = testsOf(part, root).filter((file) => only.some((glob) => path.matchesGlob(file, glob)));
  process.env[TESTS_VARIABLE] = JSON.stringify(tests);
  const texts = new Map(files.map((file) => [file, fs.readFileSync(path.join(root, file), 'utf8')]));
  const stryker = new Stryker({
    mutate: [...files],
    testRunner: 'vitest',
    vitest: { configFile: 'tools/mutate/vitest.config.ts', pool: part.pool ?? 'threads', related: false },
    plugins: ['@stryker-mutator/vitest-runner', path.join(import.meta.dirname, 'stryker-plugins.ts')],
    checkers: ['mutants'],
    ignorers: ['log-texts'],
    coverageAnalysis: 'perTest',
    concurrency: workers,
    // Other work on the machine makes tests slow, and a mutant that is stopped counts as noticed.
    timeoutMS: 10_000,
    dryRunTimeoutMinutes: 30,
    reporters: ['progress-append-only', 'survivors', 'html'],
    htmlReporter: { fileName: `${FOLDER}/${part.folder.replaceAll('/', '-')}.html` },
    tempDirName: `${FOLDER}/sandbox`,
    ignorePatterns: ['.peers', 'dist', 'coverage', 'cdk.out', FOLDER],
    // Stryker rewrites a tsconfig.json for its sandbox by an interface that TypeScript 7 lacks; nothing needs that.
    tsconfigFile: `${FOLDER}/none.json`,
    disableTypeChecks: false,
    warnings: false,
  });
  const results = await stryker.runMutationTest();
  return results.map(({ fileName, location, replacement, mutatorName, ...mutant }) => {
    const file = path.relative(root, fileName);
    const place = { start: fromZero(location.start), end: fromZero(location.end) };
    const lines = changedLines(texts.get(file) ?? '', { location: place, replacement });
    return { file, line: location.start.line, mutator: mutatorName, end: endOf(mutant), ...lines };
  });
}

/** Places in results count from 1. */
function fromZero({ line, column }: { line: number; column: number }) {
  return { line: line - 1, column: column - 1 };
}

function endOf({ status, statusReason }: { status: string; statusReason?: string }): TriedMutant['end'] {
  if (status === 'Killed') return 'killed';
  if (status === 'Timeout') return 'timeout';
  if (status === 'Survived' || status === 'NoCoverage') return 'survived';
  return statusReason === NOT_IN_SAMPLE ? 'not-tried' : 'invalid';
}
