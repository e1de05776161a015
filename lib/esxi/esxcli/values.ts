import type { EsxcliRecord, EsxcliValue } from './read-output.ts';
import { fieldKey } from './read-output.ts';

/** The first of these fields that a record has: names differ between versions. */
export function fieldOf(record: EsxcliRecord, ...names: readonly string[]): EsxcliValue | undefined {
  for (const name of names) {
    const value = record.get(fieldKey(name));
    if (value !== undefined) return value;
  }
  return undefined;
}

export const textOf = (record: EsxcliRecord, ...names: readonly string[]): string =>
  String(fieldOf(record, ...names) ?? '').trim();

/**
 * A number in decimals, or hexadecimal behind `0x`, as the counters of NVMe are printed. Undefined for everything else:
 * `N/A`, an empty text, a number with a unit.
 */
export function numberOf(record: EsxcliRecord, ...names: readonly string[]): number | undefined {
  const value = fieldOf(record, ...names);
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  const text = String(value ?? '').trim();
  return /^(?:-?\d{1,20}(?:\.\d{1,20})?|0x[0-9a-f]{1,16})$/i.test(text) ? Number(text) : undefined;
}

export function booleanOf(record: EsxcliRecord, ...names: readonly string[]): boolean | undefined {
  const text = textOf(record, ...names).toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : undefined;
}
