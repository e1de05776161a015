import type { MetricRow } from '../catalogue/row.ts';
import { printExposition } from '../metrics/encode-exposition.ts';
import type { Family } from '../metrics/family.ts';

/** What one metric was of one object. */
export interface Tried {
  readonly target: string;
  readonly object: string;
  readonly moref: string;
  readonly raw: Readonly<Record<string, unknown>>;
  /** As they would be pushed. */
  readonly series: readonly string[];
  readonly warnings: readonly string[];
}

/** Series without what stands above them in an exposition. */
export const linesOf = (families: readonly Family[]): string[] =>
  printExposition(families)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

/** A value of a large property is shown by its beginning. */
const MAX_SHOWN = 500;

export function describeTried(
  { target, object, moref, raw, series, warnings }: Tried,
  row: Pick<MetricRow, 'kind' | 'help'>,
): string {
  const shown = Object.entries(raw).map(([path, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `  ${path} = ${text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)} … (${text.length} characters)` : text}`;
  });
  return [
    `${target}: ${row.kind} ${object} (${moref})`,
    'read:',
    ...(shown.length === 0 ? ['  nothing'] : shown),
    `made of it: ${row.help}`,
    ...(series.length === 0 ? ['no series'] : ['pushed as:', ...series.map((line) => `  ${line}`)]),
    ...warnings.map((warning) => `warning: ${warning}`),
  ].join('\n');
}
