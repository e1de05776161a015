/** Fewer of their characters say nothing any more. */
const MIN_DETAILS = 20;
const GAP = '  ';

/**
 * A table for a terminal of `width` columns. What does not fit is taken from the last one where that is `details`, and
 * shown by …; where that is not enough, a row becomes lines of `name: value` in which nothing is cut.
 */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { width, details = false }: { width: number; details?: boolean },
): string {
  const lines = [header, ...rows].map((cells) => cells.map(toPrintable));
  const widths = header.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const last = widths.pop() ?? 0;
  const left = width - widths.reduce((total, one) => total + one + GAP.length, 0);
  if (left < (details ? Math.min(last, MIN_DETAILS) : last))
    return formatRecords(header, lines.slice(1), width);
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .map((cell, column) => (column < widths.length ? cell : shorten(cell, left)))
        .join(GAP)
        .trimEnd(),
    )
    .join('\n');
}

/** A line a value; an empty one is left out. */
function formatRecords(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const rule = '-'.repeat(Math.min(width, MIN_DETAILS));
  return rows
    .map((cells) =>
      cells.flatMap((cell, column) => (cell === '' ? [] : [`${header[column]}: ${cell}`])).join('\n'),
    )
    .join(`\n${rule}\n`);
}

/** Names come from vCenter: a control character in one must not move the terminal's cursor, nor begin a line. */
export const toPrintable = (cell: string): string => cell.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ');

const shorten = (text: string, width: number) =>
  text.length > width ? `${text.slice(0, width - 1).trimEnd()}…` : text;
