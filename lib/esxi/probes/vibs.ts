import { createHash } from 'node:crypto';
import { rowsOf } from '../esxcli/rows.ts';
import { textOf } from '../esxcli/values.ts';
import { answerOf, type Probe, probeError } from '../session/probe.ts';

export interface VibsReading {
  /** By acceptance level. */
  readonly counts: readonly (readonly [level: string, count: number])[];
  /** Of names and versions: hosts with the same packages have the same number, of 48 bits. */
  readonly fingerprint: number;
}

/** The installed packages. A series for each would be a new one at every patch. */
export const vibs: Probe<VibsReading> = {
  name: 'vibs',
  seconds: 10,
  keeps: { lines: 1_000 },
  commands: () => [
    {
      key: 'list',
      argv: ['esxcli', 'software', 'vib', 'list'],
      shape: 'list',
      columns: 'AcceptanceLevel,Name,Version',
    },
  ],
  parse(answers) {
    const rows = rowsOf(answerOf(answers, 'list'), ['Name', 'Version', 'Acceptance Level']);
    if (rows.length === 0) throw probeError('output', '"esxcli software vib list" names no package');
    const levels = Map.groupBy(rows, (row) => textOf(row, 'Acceptance Level'));
    const names = rows.map((row) => `${textOf(row, 'Name')} ${textOf(row, 'Version')}`).toSorted();
    const digest = createHash('sha256').update(names.join('\n')).digest('hex');
    return {
      counts: Array.from(levels, ([level, of]) => [level, of.length] as const).slice(0, 8),
      fingerprint: Number.parseInt(digest.slice(0, 12), 16),
    };
  },
};
