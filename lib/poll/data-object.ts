import type { PropertyValue } from '../vsphere/property/retrieved-object.ts';
import { fieldOf } from '../vsphere/property/value-fields.ts';
import { loadVim25 } from '../vsphere/vim25/vim25.ts';
import { toJsonValue } from './json-value.ts';
import type { JsonValue, PollResult } from './reply.ts';

/**
 * Fields of a data object as vPoller takes them one by one: null for one that is unset, an empty list for such an
 * array, and `(null)` for what its type does not have.
 */
export function pickFields(
  value: PropertyValue | undefined,
  { type, fields }: { type: string; fields: readonly string[] },
): PollResult {
  return Object.fromEntries(fields.map((field) => [field, pickField(value, { type, field })]));
}

function pickField(
  value: PropertyValue | undefined,
  { type, field }: { type: string; field: string },
): JsonValue {
  const found = fieldOf(value, field);
  if (found !== undefined) return toJsonValue(found);
  const declared = loadVim25().type(type)?.properties.get(field);
  if (declared === undefined) return '(null)';
  return declared.isArray ? [] : null;
}
