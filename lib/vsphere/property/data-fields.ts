import { type PrimitiveValue, primitiveReader } from '../vim25/primitive.ts';
import { loadVim25, type Vim25, type Vim25Property, type Vim25Type } from '../vim25/vim25.ts';

/** How a field of a data object is read. */
export interface DataField {
  readonly type: string;
  readonly isArray: boolean;
  /** For primitives and enumerations: reads the text of an element that says no other type. */
  readonly read: ((text: string) => PrimitiveValue) | undefined;
}

/** The fields of a data object type, its own and the inherited ones. */
export interface DataFields {
  readonly byName: ReadonlyMap<string, DataField>;
  /** Arrays that are declared as always set; one without elements is sent as nothing. */
  readonly requiredArrays: readonly string[];
}

const known = new WeakMap<Vim25Type, DataFields>();

/**
 * The fields of the type that an element names, or else of the type that was declared there: a newer vCenter may send
 * a subtype that the table does not know. Undefined when it knows neither.
 */
export function fieldsOf(type: string, declared: string | undefined): DataFields | undefined {
  const vim25 = loadVim25();
  const found = vim25.type(type) ?? (declared === undefined ? undefined : vim25.type(declared));
  if (found?.kind !== 'data object') return undefined;
  const before = known.get(found);
  if (before !== undefined) return before;
  const fields = toDataFields(found, vim25);
  known.set(found, fields);
  return fields;
}

function toDataFields({ properties }: Vim25Type, vim25: Vim25): DataFields {
  const all = [...properties.values()];
  return {
    byName: new Map(all.map((property) => [property.name, toDataField(property, vim25)])),
    requiredArrays: all
      .filter(({ isArray, isOptional }) => isArray && !isOptional)
      .map((property) => property.name),
  };
}

function toDataField({ type, isArray }: Vim25Property, vim25: Vim25): DataField {
  const isWord = vim25.type(type)?.kind === 'enumeration';
  return { type, isArray, read: isWord ? (text) => text : primitiveReader(type) };
}
