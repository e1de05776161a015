import type { MoRef, PropertyValue } from './retrieved-object.ts';

/** A field of a data object; undefined when it is unset, or when the value is no data object. */
export function fieldOf(value: PropertyValue | undefined, name: string): PropertyValue | undefined {
  if (typeof value !== 'object' || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, PropertyValue>)[name] : undefined;
}

/** A field that may come several times: none, one value, or an array of them. */
export function listOf(value: PropertyValue | undefined): readonly PropertyValue[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

export function isMoRef(value: PropertyValue | undefined): value is MoRef {
  return typeof fieldOf(value, 'type') === 'string' && typeof fieldOf(value, 'value') === 'string';
}

export function moRefOf(value: PropertyValue | undefined): MoRef | undefined {
  return isMoRef(value) ? value : undefined;
}

/** The text of a leaf. */
export function textOf(value: PropertyValue | undefined): string | undefined {
  return value === undefined || typeof value === 'object' ? undefined : String(value);
}

/** A whole number, also one that came as text; anything else is undefined. */
export function integerOf(value: PropertyValue | undefined): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  return typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** A boolean, also one that came as text. */
export function booleanOf(value: PropertyValue | undefined): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === '1') return true;
  return value === 'false' || value === '0' ? false : undefined;
}
