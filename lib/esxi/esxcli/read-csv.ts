/** A line of names, each followed by a comma, as esxcli prints them; the comma at the end tells it from other text. */
const HEADER = /^(?:[A-Za-z][\w ()%/#.-]{0,63},)+\r?$/;

export interface Csv {
  readonly records: readonly (readonly (readonly [string, string])[])[];
  /** The number of the first row that has more or less columns than the header. */
  readonly brokenRow?: number;
}

/**
 * Rows below a header. A value with a comma, a quotation mark or an end of line is in quotation marks, which are doubled
 * inside it. Undefined for text that has no such header.
 */
export function readCsv(text: string): Csv | undefined {
  const endOfHeader = text.indexOf('\n');
  const header = endOfHeader === -1 ? text : text.slice(0, endOfHeader);
  if (!HEADER.test(header)) return undefined;
  const names = header.trim().split(',').slice(0, -1);
  const rows = endOfHeader === -1 ? [] : readRows(`${text.slice(endOfHeader + 1)}\n`);
  const broken = rows.findIndex((row) => row.length !== names.length);
  const whole = broken === -1 ? rows : [];
  return {
    records: whole.map((row) => names.map((name, index) => [name, row[index] ?? ''] as const)),
    ...(broken !== -1 && { brokenRow: broken + 1 }),
  };
}

/** Each ends with a comma; empty lines are none. */
function readRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let value = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (isQuoted) {
      if (character !== '"') value += character;
      else if (text[at + 1] === '"') {
        value += '"';
        at += 1;
      } else isQuoted = false;
    } else if (character === '"' && value === '') isQuoted = true;
    else if (character === ',') {
      row.push(value);
      value = '';
    } else if (character !== '\n') value += character;
    else {
      // A row that does not end with a comma was cut.
      if (value.trim() !== '') rows.push([]);
      else if (row.length > 0) rows.push(row);
      row = [];
      value = '';
    }
  }
  // An open quotation mark: the text ended within a value.
  if (isQuoted) rows.push([]);
  return rows;
}
