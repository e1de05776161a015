import { type CommandAnswer, probeError } from '../session/probe.ts';
import { type EsxcliRecord, fieldKey, readEsxcli } from './read-output.ts';

/**
 * The rows that a command of esxcli printed. Throws SshError `output` where there are rows and none has one of these
 * columns: another version may name it otherwise, and a row without it would count as a healthy one.
 */
export function rowsOf({ stdout }: CommandAnswer, columns: readonly string[]): readonly EsxcliRecord[] {
  const { records } = readEsxcli(stdout);
  const missing = columns.find(
    (name) => records.length > 0 && !records.some((row) => row.has(fieldKey(name))),
  );
  if (missing === undefined) return records;
  const has = Array.from(records[0]?.keys() ?? [])
    .slice(0, 12)
    .join(', ');
  throw probeError('output', `the output of esxcli has no column "${missing}"; it has ${has}`);
}

/** The object that a command printed. Throws SshError `output` where it printed none. */
export function objectOf(answer: CommandAnswer, columns: readonly string[]): EsxcliRecord {
  const [first] = rowsOf(answer, columns);
  if (first === undefined) throw probeError('output', 'esxcli printed nothing');
  return first;
}
