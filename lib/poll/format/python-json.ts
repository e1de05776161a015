import { printPythonNumber } from '../python-text.ts';
import type { JsonValue } from '../reply.ts';

/**
 * JSON as Python's json.dumps writes it, with ", " and ": ". `ascii` escapes everything beyond ASCII, which is its
 * default. What JSON has not, NaN and the infinities, is null.
 */
export function printPythonJson(value: JsonValue | undefined, { ascii = false } = {}): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'number') return Number.isFinite(value) ? printPythonNumber(value) : 'null';
  if (typeof value !== 'object') {
    const text = JSON.stringify(value);
    return ascii ? escapeBeyondAscii(text) : text;
  }
  const print = (one: JsonValue | undefined) => printPythonJson(one, { ascii });
  if (isList(value)) return `[${value.map(print).join(', ')}]`;
  const fields = Object.entries(value).map(([key, one]) => `${print(key)}: ${print(one)}`);
  return `{${fields.join(', ')}}`;
}

/** UTF-16 units, as Python does: a pair of surrogates is two escapes. */
export function escapeBeyondAscii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}
