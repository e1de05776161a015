import type { PropertyValue } from '../vsphere/property/retrieved-object.ts';
import { printMoRef } from './print-moref.ts';
import type { JsonValue } from './reply.ts';

/**
 * A property's value as JSON: dates as ISO text, data objects as those of their fields that are set, references as
 * pyVmomi prints them.
 */
export function toJsonValue(value: PropertyValue): JsonValue {
  if (typeof value !== 'object') return value;
  if (isList(value)) return value.map(toJsonValue);
  if (isMoRef(value)) return printMoRef(value);
  return Object.fromEntries(Object.entries(value).map(([field, one]) => [field, toJsonValue(one)]));
}

/** Array.isArray does not narrow to readonly arrays. */
function isList(value: object): value is readonly PropertyValue[] {
  return Array.isArray(value);
}

const TYPE_NAME = /^[A-Z]\w*$/;

/** A reference has exactly these two fields, and its type is a class. */
function isMoRef(value: object): value is { type: string; value: string } {
  const { type, value: id, ...rest } = value as Record<string, unknown>;
  return (
    typeof type === 'string' &&
    TYPE_NAME.test(type) &&
    typeof id === 'string' &&
    Object.keys(rest).length === 0
  );
}
