/** A value of a primitive type, as it is written in XML Schema. */
export type PrimitiveValue = string | number | boolean;

type PrimitiveReader = (text: string) => PrimitiveValue;

const READERS: ReadonlyMap<string, PrimitiveReader> = new Map<string, PrimitiveReader>([
  ['byte', toInteger],
  ['short', toInteger],
  ['int', toInteger],
  ['long', toInteger],
  ['float', toReal],
  ['double', toReal],
  ['boolean', toBoolean],
  ['dateTime', toUtc],
  ['string', asItIs],
  ['anyURI', asItIs],
  ['base64Binary', asItIs],
  ['anyType', asItIs],
]);

export function isPrimitive(type: string): boolean {
  return READERS.has(type);
}

/** How the texts of a primitive type are read; undefined for every other type. */
export function primitiveReader(type: string): PrimitiveReader | undefined {
  return READERS.get(type);
}

function asItIs(text: string): string {
  return text;
}

function toBoolean(text: string): boolean {
  return text === 'true' || text === '1';
}

const INTEGER = /^\s*[+-]?\d+\s*$/;

/**
 * What is no integer stays the text that came, and so does one (a `long`) that a JavaScript number cannot hold
 * exactly: its digits matter more than its type.
 */
function toInteger(text: string): number | string {
  const value = Number(text);
  return Number.isSafeInteger(value) && INTEGER.test(text) ? value : text;
}

/** As XML Schema writes what JavaScript calls Infinity and NaN. */
const SPECIAL: ReadonlyMap<string, number> = new Map([
  ['INF', Infinity],
  ['-INF', -Infinity],
  ['NaN', Number.NaN],
]);

function toReal(text: string): number | string {
  const value = Number(text);
  return Number.isNaN(value) || text.trim() === '' ? (SPECIAL.get(text) ?? text) : value;
}

const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
const LOCAL = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?([+-]\d\d:\d\d)?$/;

/**
 * A dateTime as ISO 8601 text in UTC with the digits that came: vSphere sends microseconds, which a Date would lose.
 * vCenter always sends UTC; without any zone, UTC is meant.
 */
function toUtc(text: string): string {
  if (UTC.test(text)) return text;
  const [, seconds, fraction = '', zone = 'Z'] = LOCAL.exec(text) ?? [];
  const at = Date.parse(`${seconds}${zone}`);
  return Number.isNaN(at) ? text : `${new Date(at).toISOString().slice(0, 19)}${fraction}Z`;
}
