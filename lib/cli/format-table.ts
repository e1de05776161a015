import { toPrintable } from '../platform/printable.ts';

/** A column of details below this width is harder to read than lines of their own. */
const MIN_DETAILS = 40;
const MAX_RULE = 20;
const GAP = '  ';
const INDENT = '    ';
/** An empty cell looks like one that was forgotten. */
const NONE = '-';

/**
 * A table for a terminal of `width` columns, in which nothing is cut. Where the last column is `details` it is wrapped:
 * in its column, or on lines of its own below the row where that leaves too little room. Any other table that does not
 * fit becomes lines of `name: value`.
 */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { width, details = false }: { width: number; details?: boolean },
): string {
  const cells = rows.map((row) => row.map(toPrintable));
  return details ? formatDetails(header, cells, width) : formatPlain(header, cells, width);
}

const filled = (cell: string): string => (cell.trim() === '' ? NONE : cell);

function formatPlain(header: readonly string[], rows: readonly (readonly string[])[], width: number): string {
  const lines = [header, ...rows.map((cells) => cells.map(filled))];
  const widths = widthsOf(lines);
  const needed = widths.reduce((total, one) => total + one + GAP.length, -GAP.length);
  if (needed > width)
    return formatRecords(
      header,
      rows.map((cells) => cells.map(filled)),
      width,
    );
  return lines.map((cells) => joinCells(cells, widths)).join('\n');
}

/** The last cell may be empty: then there is nothing to tell. */
function formatDetails(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const short = [header.slice(0, -1), ...rows.map((cells) => cells.slice(0, -1).map(filled))];
  const widths = widthsOf(short);
  const before = widths.reduce((total, one) => total + one + GAP.length, 0);
  const texts = [header.at(-1) ?? '', ...rows.map((cells) => cells.at(-1) ?? '')];
  const isBeside = width - before >= Math.min(MIN_DETAILS, Math.max(...texts.map((text) => text.length)));
  return short
    .flatMap((cells, index) => {
      const line = joinCells(cells, widths);
      const text = texts[index] ?? '';
      if (!isBeside && index === 0) return [`${line}${GAP}${text}`];
      const indent = isBeside ? ' '.repeat(before) : INDENT;
      const [first = '', ...more] = wrap(text, width - indent.length).map((one) => `${indent}${one}`);
      return isBeside
        ? [`${line.padEnd(before)}${first.slice(before)}`.trimEnd(), ...more]
        : [line, ...(text === '' ? [] : [first, ...more])];
    })
    .join('\n');
}

const widthsOf = (lines: readonly (readonly string[])[]): number[] =>
  (lines[0] ?? []).map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));

const joinCells = (cells: readonly string[], widths: readonly number[]): string =>
  cells
    .map((cell, column) => cell.padEnd(widths[column] ?? 0))
    .join(GAP)
    .trimEnd();

/** A line a value. */
function formatRecords(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const rule = '-'.repeat(Math.min(width, MAX_RULE));
  return rows
    .map((cells) => cells.map((cell, column) => `${header[column]}: ${cell}`).join('\n'))
    .join(`\n${rule}\n`);
}

/** Lines of at most `width` columns. A longer word, and a command, stay whole, so that they can be copied. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.match(WORD) ?? []) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A command ends where the sentence goes on behind a mark. */
const WORD = /\bvsweep [^,;()]*(?:[,;)]|$)|\S+/g;
