import type { JsonValue } from './reply.ts';

/**
 * A moment as Python prints it: `2026-01-02T03:04:05.678901Z` is `2026-01-02 03:04:05.678901+00:00`, in UTC, with
 * microseconds unless there are none. What is no moment stays as it is.
 */
export function printPythonTime(iso: string): string {
  const [, day, time, fraction = ''] = MOMENT.exec(iso) ?? [];
  if (day === undefined) return iso;
  const microseconds = fraction.slice(0, 6).padEnd(6, '0');
  return `${day} ${time}${/[1-9]/.test(microseconds) ? `.${microseconds}` : ''}+00:00`;
}

const MOMENT = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/;

/** A number as Python prints it: with an exponent from 1e-5 on downwards. */
export function printPythonNumber(value: number): string {
  if (Number.isInteger(value)) return BigInt(value).toString();
  if (Math.abs(value) >= 1e-4) return String(value);
  return value.toExponential().replace(/e-(\d)$/, 'e-0$1');
}

/** What Python's str() makes of a value that came from JSON. */
export function printPythonText(value: JsonValue): string {
  return typeof value === 'string' ? value : printPythonLiteral(value);
}

/** What Python's repr() makes of it. */
function printPythonLiteral(value: JsonValue): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return printPythonNumber(value);
  if (typeof value === 'string') return quote(value);
  if (isList(value)) return `[${value.map(printPythonLiteral).join(', ')}]`;
  const fields = Object.entries(value).map(([key, one]) => `${quote(key)}: ${printPythonLiteral(one)}`);
  return `{${fields.join(', ')}}`;
}

const SHORT: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** In single quotes unless it has some and no double ones; escapes what cannot be printed. */
function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inside = text.replace(/[\\\p{C}\p{Z}]|'/gu, (character) => {
    if (character === ' ') return character;
    if (character === "'") return mark === "'" ? "\\'" : character;
    return SHORT[character] ?? escapeCodePoint(character.codePointAt(0) ?? 0);
  });
  return mark + inside + mark;
}

function escapeCodePoint(code: number): string {
  const hex = (digits: number) => code.toString(16).padStart(digits, '0');
  if (code <= 0xff) return `\\x${hex(2)}`;
  return code <= 0xffff ? `\\u${hex(4)}` : `\\U${hex(8)}`;
}

/** Array.isArray does not narrow to readonly arrays. */
function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}
