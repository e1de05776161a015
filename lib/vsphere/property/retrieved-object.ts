import type { MoRef } from '../soap/moref.ts';

export type { MoRef } from '../soap/moref.ts';

/**
 * A property's value, typed as the vSphere API declares it: references as MoRef, data objects as their fields by name.
 * - An array is an array however many elements it has. One that is unset is absent, unless it is declared as always
 *   set: then it is empty.
 * - A dateTime is ISO 8601 text in UTC (`2026-01-02T03:04:05.678901Z`), with the digits that came.
 * - A long that a JavaScript number cannot hold exactly is its digits as text; bytes are signed numbers, base64Binary
 *   its base64, an enumeration its word.
 * - What no declaration is known of, as a newer vCenter may send it: text, or fields by name, of which those that came
 *   several times are arrays.
 */
export type PropertyValue =
  | string
  | number
  | boolean
  | MoRef
  | readonly PropertyValue[]
  | { readonly [field: string]: PropertyValue };

/** One object of a retrieval. What could not be read stands in `missing`, never as a value. */
export interface RetrievedObject {
  readonly moref: MoRef;
  readonly properties: ReadonlyMap<string, PropertyValue>;
  /** Property path -> name of the fault, such as `NoPermission`. */
  readonly missing: ReadonlyMap<string, string>;
}
