import { type Spread, spreadOf } from './measured.ts';

/** One line of the table: what vsweep took, beside what a peer took for the same work in the same run. */
export interface Row {
  readonly what: string;
  readonly unit: 's' | 'ms' | 'KB' | 'MB' | 'a second' | 'calls' | 'sessions' | 'series';
  readonly ours: readonly number[];
  /** Why nothing could be measured here. */
  readonly missing?: string;
  readonly peer?: Peer;
  readonly target?: Target;
}

/** Someone else's runs of the same work, or why there are none. */
export type Peer =
  | { readonly name: string; readonly runs: readonly number[] }
  | { readonly name: string; readonly missing: string };

/** The median stays below `atMost`: of the row's unit, or times the peer's median. */
export interface Target {
  readonly atMost: number;
  readonly of: 'unit' | 'peer';
}

const HEADINGS = ['', 'vsweep', '(min to max)', 'peer', '', '(min to max)', 'ratio', 'target'];

/** The rows as a table of text. */
export function printRows(rows: readonly Row[]): string {
  const lines = [HEADINGS, ...rows.map(toCells)];
  const whole = lines.filter(({ length }) => length === HEADINGS.length);
  const widths = HEADINGS.map((_, column) => Math.max(...whole.map((cells) => (cells[column] ?? '').length)));
  const print = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return lines.map(print).join('\n');
}

function toCells(row: Row): string[] {
  const { what, unit, peer, missing } = row;
  if (missing !== undefined) return [what, `missing: ${missing}`];
  const ours = spreadOf(row.ours);
  const theirs = peer !== undefined && 'runs' in peer ? spreadOf(peer.runs) : undefined;
  return [
    what,
    printNumber(ours.median, unit),
    printRange(ours),
    peer?.name ?? '',
    ...(theirs === undefined
      ? [peer !== undefined && 'missing' in peer ? peer.missing : '', '', '']
      : [printNumber(theirs.median, unit), printRange(theirs), printRatio(ours.median / theirs.median)]),
    printTarget(row, ours, theirs),
  ];
}

function printTarget({ target, unit }: Row, ours: Spread, theirs: Spread | undefined): string {
  if (target === undefined) return '';
  if (target.of === 'unit') return judge(ours.median, target.atMost, `at most ${target.atMost} ${unit}`);
  const text = `ratio at most ${target.atMost}`;
  return theirs === undefined
    ? `${text}: not measured`
    : judge(ours.median / theirs.median, target.atMost, text);
}

const judge = (value: number, atMost: number, text: string): string =>
  `${text}: ${value <= atMost ? 'met' : 'NOT MET'}`;

const printRatio = (ratio: number): string => ratio.toFixed(ratio < 0.1 ? 3 : 2);
const digits = (value: number): string => (value < 100 ? value.toFixed(2) : value.toFixed(0));
const printNumber = (value: number, unit: Row['unit']): string => `${digits(value)} ${unit}`;
const printRange = ({ min, max }: Spread): string => `${digits(min)} to ${digits(max)}`;
