import type { RunSummary } from '../sweep/result/summary.ts';
import { printSummary, toJson } from './print-summary.ts';
import { print, printColoured, printError, tableWidth } from './terminal.ts';

/** What became of a run, to `stream`: as a table with colours, or as JSON. */
export function printRun(
  summary: RunSummary,
  options: { json: boolean; verbose: boolean },
  stream: NodeJS.WriteStream = process.stdout,
): void {
  if (!options.json) printColoured(printSummary(summary, tableWidth(options, stream)), stream);
  else if (stream === process.stdout) print(toJson(summary));
  else printError(toJson(summary));
}
