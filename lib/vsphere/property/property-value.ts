import { toMoRef } from '../soap/moref.ts';
import type { XmlElement } from '../soap/soap-reader.ts';
import { primitiveReader } from '../vim25/primitive.ts';
import { type DataFields, fieldsOf } from './data-fields.ts';
import type { PropertyValue } from './retrieved-object.ts';

/**
 * The value of an element by its `xsi:type`, which vSphere writes at the outermost value and wherever a value is of
 * another type than is declared; `declared` is the type where it writes none, such as the result of a method. What is
 * below a data object is read by what the vim25 table declares; the table is loaded when the first data object comes.
 */
export function toPropertyValue(element: XmlElement, declared?: string): PropertyValue {
  const { children, referenceType, text, type = declared } = element;
  if (referenceType !== undefined || type === 'ManagedObjectReference') return toMoRef(element);
  if (type === undefined) return children.length > 0 ? toDataObject(children, undefined) : text;
  if (type.startsWith('ArrayOf')) return children.map(toItem);
  if (children.length > 0) {
    const object = toDataObject(children, fieldsOf(type, declared));
    if (declared !== undefined && type !== declared) subtypes.set(object as object, type);
    return object;
  }
  const read = primitiveReader(type);
  if (read !== undefined) return read(text);
  // What is left is an enumeration's word, or a data object of which no field is set.
  return text === '' ? toDataObject(children, fieldsOf(type, declared)) : text;
}

/** The items of an ArrayOf are named by its type: ArrayOfInt holds `int`, ArrayOfHostService `HostService`. */
function toItem(item: XmlElement): PropertyValue {
  return toPropertyValue(item, item.name);
}

/** Kept beside the objects, because a field for it would be one of the object's own to whoever prints all of them. */
const subtypes = new WeakMap<object, string>();

/**
 * The type of a data object that says another one than was declared where it stands, such as
 * `HostNoRedundantManagementNetworkEvent` in an array of Event; undefined for any other value, and for a copy.
 */
export const subtypeOf = (value: PropertyValue): string | undefined =>
  typeof value === 'object' ? subtypes.get(value) : undefined;

type Fields = Record<string, PropertyValue | PropertyValue[]>;

function toDataObject(children: readonly XmlElement[], declared: DataFields | undefined): PropertyValue {
  const fields: Fields = {};
  let unknown: XmlElement[] | undefined;
  for (const child of children) {
    const { name } = child;
    const field = declared?.byName.get(name);
    if (field === undefined) {
      unknown ??= [];
      unknown.push(child);
      continue;
    }
    const { read } = field;
    const isLeaf = read !== undefined && child.type === undefined && child.children.length === 0;
    const value = isLeaf ? read(child.text) : toPropertyValue(child, field.type);
    if (!field.isArray) fields[name] = value;
    else if (fields[name] === undefined) fields[name] = [value];
    else (fields[name] as PropertyValue[]).push(value);
  }
  for (const name of declared?.requiredArrays ?? []) fields[name] ??= [];
  if (unknown !== undefined) addUnknown(fields, unknown);
  return fields;
}

/** Fields that no table knows, as a newer vCenter may send them: what came several times is an array. */
function addUnknown(fields: Fields, children: readonly XmlElement[]): void {
  for (const [name, same] of Map.groupBy(children, (child) => child.name)) {
    const values = same.map((child) => toPropertyValue(child));
    const [first = '', ...more] = values;
    // Defined and not assigned, so that an element named __proto__ stays a field.
    Object.defineProperty(fields, name, {
      value: more.length === 0 ? first : values,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
}
