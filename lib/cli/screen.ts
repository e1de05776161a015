import { stripVTControlCharacters } from 'node:util';

/**
 * The bottom of the terminal: lines that are pinned there, and a status line. Both are rewritten in place, and what is
 * printed meanwhile goes above them.
 */
const terminal = process.stderr;
let pinned: readonly string[] = [];
let status = '';
let drawnRows = 0;

/** A new terminal may say that it has none. */
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

export const widthOf = (stream: NodeJS.WriteStream): number => stream.columns || DEFAULT_COLUMNS;

/** Writes or rewrites the last line of the terminal. */
export function showStatusLine(render: (width: number) => string): void {
  // A line as wide as the terminal would make some of them begin another one.
  status = render(widthOf(terminal) - 1);
  draw();
}

export function eraseStatusLine(): void {
  status = '';
  if (pinned.length > 0) draw();
  else erase();
}

/** Shows `text` in place of what was pinned before. Dispose what it answers when nothing follows: the text stays. */
export function pin(text: string): Disposable {
  pinned = shortened(text.split('\n'), (terminal.rows || DEFAULT_ROWS) - 2);
  draw();
  return {
    [Symbol.dispose]() {
      if (pinned.length === 0) return;
      status = '';
      draw();
      terminal.write('\n');
      pinned = [];
      drawnRows = 0;
    },
  };
}

/** Takes the bottom away while something is printed. */
export function aboveTheBottom(write: () => void): void {
  erase();
  write();
  if (pinned.length > 0) draw();
}

/** What is in the middle of a text that is too long for the terminal: its end says what is wrong. */
export function shortened(lines: readonly string[], rows: number): readonly string[] {
  const room = Math.max(2, rows);
  const columns = widthOf(terminal);
  if (rowsOf(lines, columns) <= room) return lines;
  const tail: string[] = [];
  for (const line of lines.toReversed()) {
    if (rowsOf([...tail, line], columns) > room - 2) break;
    tail.unshift(line);
  }
  const left = lines.length - 1 - tail.length;
  return [lines[0] ?? '', `… ${left} more lines; a taller terminal shows them`, ...tail].slice(0, room);
}

function draw(): void {
  const lines = status === '' ? pinned : [...pinned, status];
  const rows = rowsOf(lines, widthOf(terminal));
  // One line is overwritten and not erased before, so that it does not flicker.
  if (rows === 1 && drawnRows <= 1) terminal.write(`\r${lines[0]}\x1b[K`);
  else terminal.write(`${eraser()}${lines.join('\n')}`);
  drawnRows = rows;
}

function erase(): void {
  if (drawnRows > 0) terminal.write(eraser());
  drawnRows = 0;
}

function eraser(): string {
  if (drawnRows === 0) return '';
  return drawnRows === 1 ? '\r\x1b[K' : `\r\x1b[${drawnRows - 1}A\x1b[J`;
}

const rowsOf = (lines: readonly string[], columns: number): number =>
  lines.reduce(
    (rows, line) => rows + Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns)),
    0,
  );
