import type { CollectorResult } from '../../collectors/run-collectors.ts';
import type { WarningCount } from '../../collectors/warning-counts.ts';
import { MAX_DETAIL_CHARACTERS } from '../../logins/rules/left-alone.ts';
import type { BatchResult } from '../batch.ts';

/** How collectors did, as a result holds it. */
export const collectedBy = (
  results: readonly CollectorResult[],
): Pick<BatchResult, 'collectors' | 'warnings'> => ({
  collectors: results.map(({ collector, success, durationMs, missed }) => ({
    name: collector,
    success: success === 1,
    durationMs,
    ...(missed === undefined
      ? {}
      : { missed: missed.map(([metric, items]): [string, number] => [metric, items]) }),
  })),
  warnings: results.flatMap(({ collector, warnings }) =>
    warnings.map(({ text, count }) => cutWarning({ text: `${collector}: ${text}`, count })),
  ),
});

export const cutWarning = ({ text, count }: WarningCount): WarningCount => ({
  text: text.slice(0, 2_000),
  count,
});

export const cutDetail = (moref: string, text: string | undefined): BatchResult['details'] =>
  text === undefined ? [] : [[moref, text.slice(0, MAX_DETAIL_CHARACTERS)]];
