import { printPythonText } from '../python-text.ts';
import { type JsonValue, toResultList } from '../reply.ts';
import type { PollFormat } from './poll-format.ts';
import { escapeBeyondAscii } from './python-json.ts';

/**
 * RFC 4180: a header of the first object's properties in order, a line an object, CRLF. A property that an object has
 * not is `None`, one that is null is empty; lists and data objects are as Python prints them.
 */
export const csvFormat: PollFormat = (reply) => {
  if (reply.success !== 0) return escapeBeyondAscii(JSON.stringify(reply, undefined, 4));
  const results = toResultList(reply.result);
  const [first] = results;
  if (first === undefined) return '';
  const columns = Object.keys(first).sort();
  const lines = results.map((one) =>
    columns.map((column) => (Object.hasOwn(one, column) ? printCell(one[column]) : 'None')),
  );
  return [columns, ...lines].map(printLine).join('');
};

function printCell(value: JsonValue | undefined): string {
  return value === undefined || value === null ? '' : printPythonText(value);
}

function printLine(cells: readonly string[]): string {
  // A line with nothing in it would be no line.
  if (cells.length === 1 && cells[0] === '') return '""\r\n';
  return `${cells.map(escapeCell).join(',')}\r\n`;
}

function escapeCell(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
