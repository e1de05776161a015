/** A place in a text; line and column count from 0, as Stryker's do before it reports. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A piece of a text and what stands there in the mutant. */
export interface Replacement {
  readonly location: { readonly start: Position; readonly end: Position };
  readonly replacement: string;
}

/** The lines that a mutant changes, before and after, with each run of white space as one space. */
export interface ChangedLines {
  readonly was: string;
  readonly becomes: string;
}

/** The text of the mutant. */
export function applyMutant(text: string, { location, replacement }: Replacement): string {
  return text.slice(0, indexOf(text, location.start)) + replacement + text.slice(indexOf(text, location.end));
}

/** Says which mutant it is without a line number, so that it is known again when code moves. */
export function changedLines(text: string, { location, replacement }: Replacement): ChangedLines {
  const start = indexOf(text, { line: location.start.line, column: 0 });
  const lineEnd = text.indexOf('\n', indexOf(text, location.end));
  const end = lineEnd === -1 ? text.length : lineEnd;
  const changed = applyMutant(text, { location, replacement });
  return {
    was: onOneLine(text.slice(start, end)),
    becomes: onOneLine(changed.slice(start, changed.length - (text.length - end))),
  };
}

/** Whether a text still has the lines that a mutant was known by. */
export function hasLines(text: string, was: string): boolean {
  return onOneLine(text).includes(was);
}

const onOneLine = (text: string) => text.trim().replace(/\s+/g, ' ');

function indexOf(text: string, { line, column }: Position): number {
  let start = 0;
  for (let passed = 0; passed < line; passed += 1) start = text.indexOf('\n', start) + 1;
  return start + column;
}
