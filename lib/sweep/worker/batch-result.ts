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
  warnings: results.flatMap(({ collector, warnings, lacks }) => [
    ...lacks.map(([privilege, count]) => ({ text: sayLacking(privilege), count })),
    ...warnings.map(({ text, count }) => cutWarning({ text: `${collector}: ${text}`, count })),
  ]),
});

/** The same for all collectors, so that a run says it once. */
const sayLacking = (privilege: string): string =>
  `the account has no privilege ${privilege}, so metrics are left out. Add it to the account's role on the root folder, propagated; "vsweep role" prints the commands`;

export const cutWarning = ({ text, count }: WarningCount): WarningCount => ({
  text: text.slice(0, 2_000),
  count,
});

export const cutDetail = (moref: string, text: string | undefined): BatchResult['details'] =>
  text === undefined ? [] : [[moref, text.slice(0, MAX_DETAIL_CHARACTERS)]];
