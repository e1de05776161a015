/** A managed object reference. */
export interface MoRef {
  readonly type: string;
  readonly value: string;
}

/**
 * A property's value: text, number and boolean by their xsi:type, references as MoRef, `ArrayOf…` as array, any
 * other data object as its fields by name. Inside a data object the leaves are text, because vSphere sends no type
 * there, and a field that came several times is an array.
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
