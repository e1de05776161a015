// Prints the tests that failed, a line each, and then how many passed, failed and were skipped, from vitest's JSON
// report: node tools/test-counts.cjs <report> <0 when all steps succeeded>. Runs on any Node, as .ci/run does.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

/** A file whose tests could not be loaded has none that failed; it stands for itself. */
function failedIn({ name, status, message, assertionResults }) {
  const file = path.relative(process.cwd(), name);
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (failed.length > 0) return failed.map(({ fullName }) => `${file}: ${fullName}`);
  return status === 'failed' ? [`${file}: ${message.split('\n')[0]}`] : [];
}

/** What stands in the report; nothing where the run did not come to write one. */
function read(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    return { success: false, testResults: [], unread: error.message };
  }
}

const [file, failedSteps] = process.argv.slice(2);
const { success, testResults, unread, ...counted } = read(file);
const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = counted;
const lines = unread === undefined ? testResults.flatMap(failedIn) : [`no report of the tests: ${unread}`];
for (const line of lines) console.log(`failed: ${line}`);
// A run that failed without a failed test counts as one.
const failures = success && failedSteps === '0' ? 0 : Math.max(1, numFailedTests);
console.log(`${numPassedTests} passed, ${failures} failed, ${numPendingTests + numTodoTests} skipped`);
