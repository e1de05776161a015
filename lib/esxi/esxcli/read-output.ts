import { printable } from '../errors.ts';
import { probeError } from '../session/probe.ts';
import { readCsv } from './read-csv.ts';
import { readKeyvalue } from './read-keyvalue.ts';

/** Text as it was printed, also of a number or a boolean of a format that does not tell them apart. */
export type EsxcliValue = string | number | boolean;

/** One row of a list, or the object. By `fieldKey` of the field's name; of an array its length. */
export type EsxcliRecord = ReadonlyMap<string, EsxcliValue>;

export interface EsxcliOutput {
  readonly format: 'json' | 'csv' | 'keyvalue';
  readonly records: readonly EsxcliRecord[];
}

/**
 * A field's name in every format and version: `Used %`, `Used%` and `used` are one. Fields of an object within an object
 * have that one's name before a dot.
 */
export const fieldKey = (name: string): string => name.toLowerCase().replace(/[^a-z0-9.]/g, '');

const MAX_CHARACTERS = 2_000_000;
const MAX_RECORDS = 5_000;
const MAX_FIELDS = 200;
const MAX_VALUE = 4_096;
const MAX_DEPTH = 3;

/**
 * What esxcli printed, in whichever of its formats. Throws SshError `output` for anything else: a usage line, an error, a
 * table for people, half an answer. The message quotes the output only where it is an error of esxcli's own, because of
 * other text nobody knows what it holds.
 */
export function readEsxcli(text: string): EsxcliOutput {
  if (text.length > MAX_CHARACTERS) throw unreadable(`has more than ${MAX_CHARACTERS} characters`);
  const trimmed = text.trim();
  if (trimmed === '') return { format: 'csv', records: [] };
  if (/^[[{]/.test(trimmed)) return { format: 'json', records: bounded(readJson(trimmed)) };
  const keyvalue = readKeyvalue(trimmed);
  if (keyvalue !== undefined) return { format: 'keyvalue', records: bounded(keyvalue) };
  const csv = readCsv(trimmed);
  if (csv === undefined) throw unreadable(whyNot(trimmed));
  if (csv.brokenRow !== undefined)
    throw unreadable(`is cut off or broken: its row ${csv.brokenRow} has other columns than the first line`);
  return { format: 'csv', records: bounded(csv.records) };
}

/** What esxcli says when it does not answer: its first line, and nothing of a table. */
export function errorOf(text: string): string | undefined {
  const said = /^(?:Errors?|Unable|Connect|Runtime error|Usage|Unknown|Failed|Invalid|Missing)\b.*/m.exec(
    text,
  );
  return said === null ? undefined : printable(said[0].slice(0, 160));
}

const unreadable = (why: string) => probeError('output', `the output of esxcli ${why}`);

function whyNot(text: string): string {
  const error = errorOf(text);
  return error === undefined ? 'is neither json, csv nor keyvalue' : `is an error: ${error}`;
}

type Fields = Iterable<readonly [string, EsxcliValue]>;

function bounded(records: readonly Fields[]): EsxcliRecord[] {
  if (records.length > MAX_RECORDS) throw unreadable(`has more than ${MAX_RECORDS} rows`);
  return records.map((fields) => {
    const record = new Map<string, EsxcliValue>();
    for (const [name, value] of fields) {
      const key = fieldKey(name);
      if (key === '' || record.has(key)) continue;
      if (record.size >= MAX_FIELDS) throw unreadable(`has a row of more than ${MAX_FIELDS} fields`);
      record.set(key, typeof value === 'string' ? value.slice(0, MAX_VALUE) : value);
    }
    return record;
  });
}

function readJson(text: string): Fields[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw unreadable('is cut off or broken: it begins as json and is none');
  }
  const rows: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  return rows.map((row) => {
    if (!isObject(row)) throw unreadable('is json, but no list of objects');
    return flatten(row, '', 0);
  });
}

const isObject = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function flatten(
  row: { readonly [name: string]: unknown },
  prefix: string,
  depth: number,
): (readonly [string, EsxcliValue])[] {
  return Object.entries(row).flatMap(([name, value]): (readonly [string, EsxcliValue])[] => {
    const field = `${prefix}${name.replaceAll('.', '')}`;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return [[field, value]];
    if (Array.isArray(value)) return [[field, value.length]];
    return isObject(value) && depth < MAX_DEPTH ? flatten(value, `${field}.`, depth + 1) : [];
  });
}
