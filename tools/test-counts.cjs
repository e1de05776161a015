// Reads vitest's JSON reports of a CI run. Runs on any Node, as .ci/run does.
// node tools/test-counts.cjs counts <report> <report of what was played again> <0 when all steps succeeded>
//   prints the tests that failed with what they said, those that passed when they were played again, and the counts.
// node tools/test-counts.cjs again <report>
//   prints the files to be played again, alone, or says with exit code 1 why none may be.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

/** More than so many at once is no matter of the machine. */
const MOST_FILES_AGAIN = 3;
/** What guards accounts has to hold each time. */
const NEVER_AGAIN = /^test\/(unit|integration|peers)\/logins\//;
const MESSAGE_LINES = 12;

const OUTSIDE = 'an error outside of all tests';

const nameOf = ({ name }) => (path.isAbsolute(name) ? path.relative(process.cwd(), name) : name);
const isFailed = ({ status }) => status === 'failed';

/** A file whose tests could not be loaded has none that failed; it stands for itself. */
function failedIn(file) {
  const failed = file.assertionResults.filter(isFailed);
  const tests = failed.map(({ fullName, failureMessages = [] }) => ({
    name: `${nameOf(file)}: ${fullName}`,
    said: failureMessages.flatMap((message) => message.split('\n')).slice(0, MESSAGE_LINES),
  }));
  if (tests.length > 0 || !isFailed(file)) return tests;
  return [{ name: `${nameOf(file)}: ${file.message.split('\n')[0]}`, said: [] }];
}

/** The errors outside of all tests (tools/outside-errors.ts), each as a file of tests in which one test failed. */
function outside(report) {
  const file = `${report}.outside`;
  if (!fs.existsSync(file)) return [];
  return JSON.parse(fs.readFileSync(file, 'utf8')).map((error) => ({
    name: error.file || 'no file of tests',
    status: 'failed',
    assertionResults: [{ fullName: OUTSIDE, status: 'failed', failureMessages: [error.said] }],
  }));
}

/** What stands in the report; nothing where the run did not come to write one. */
function read(file) {
  try {
    const report = JSON.parse(fs.readFileSync(file, 'utf8'));
    return { ...report, testResults: [...report.testResults, ...outside(file)] };
  } catch (error) {
    return { success: false, testResults: [], unread: error.message };
  }
}

/** An error of which no file of tests is known fails the run: there is nothing to be played again. */
function printFilesToPlayAgain(report) {
  const files = read(report).testResults.filter((file) => failedIn(file).length > 0);
  const names = [...new Set(files.map(nameOf))];
  const guards = names.filter((name) => NEVER_AGAIN.test(name));
  const why =
    (names.length === 0 && 'no file failed') ||
    (files.some(({ name }) => !path.isAbsolute(name)) && 'an error arose in no file of tests') ||
    (names.length > MOST_FILES_AGAIN && `${names.length} files failed`) ||
    (guards.length > 0 && `${guards.join(', ')} must pass each time`);
  if (why) {
    console.error(`nothing is played again: ${why}`);
    process.exitCode = 1;
  } else console.log(names.join('\n'));
}

function printCounts(report, reportAgain, failedSteps) {
  const { testResults, unread, ...counted } = read(report);
  const { numPassedTests = 0, numPendingTests = 0, numTodoTests = 0 } = counted;
  const first = testResults.flatMap(failedIn);
  const again = read(reportAgain);
  const failedAgain = new Set(again.testResults.filter(isFailed).map(nameOf));
  const passedAgain = new Set(again.testResults.map(nameOf).filter((name) => !failedAgain.has(name)));
  const unsteady = first.filter(({ name }) => passedAgain.has(name.slice(0, name.indexOf(': '))));
  const failed = first.filter((test) => !unsteady.includes(test));
  if (unread !== undefined) failed.push({ name: `no report of the tests: ${unread}`, said: [] });
  const print = (word, tests) => {
    for (const { name, said } of tests) console.log([`${word}: ${name}`, ...said].join('\n    '));
  };
  print('failed once, passed when played again', unsteady);
  print('failed', failed);
  // A run that failed without a failed test counts as one.
  const failures = Math.max(failed.length, failedSteps === '0' ? 0 : 1);
  const passed = numPassedTests + unsteady.filter(({ name }) => !name.endsWith(OUTSIDE)).length;
  console.log(`${passed} passed, ${failures} failed, ${numPendingTests + numTodoTests} skipped`);
}

const [command, ...reports] = process.argv.slice(2);
if (command === 'again') printFilesToPlayAgain(...reports);
else printCounts(...reports);
