import type { TagTypes } from '../soap/tag-attributes.ts';
import { primitiveReader } from '../vim25/primitive.ts';
import { type DataField, type DataFields, fieldsOf } from './data-fields.ts';
import type { PropertyValue } from './retrieved-object.ts';

type Fields = Record<string, PropertyValue | PropertyValue[]>;

/** An element that is open. What it is, is known when it closes: a data object without children is a text. */
interface Frame {
  readonly name: string;
  /** How the data object around it declares it. */
  readonly field: DataField | undefined;
  /** As it says of itself, in `xsi:type`. */
  readonly ownType: string | undefined;
  readonly declared: string | undefined;
  readonly referenceType: string | undefined;
  readonly isArray: boolean;
  text: string;
  hasChildren: boolean;
  /** Of an array. */
  items: PropertyValue[];
  /** Of a data object, with how its fields are declared. */
  fields: Fields | undefined;
  dataFields: DataFields | undefined;
  /** Fields that no table knows, in their order. */
  unknown: [name: string, value: PropertyValue][] | undefined;
}

const NO_ITEMS: PropertyValue[] = [];

/**
 * Makes a value of its element while that is read, by its `xsi:type`, which vSphere writes at the outermost value and
 * wherever a value is of another type than is declared; `declared` is the type where it writes none, such as the result
 * of a method. What is below a data object is read by what the vim25 table declares; the table is loaded when the first
 * data object comes.
 */
export class ValueBuilder {
  readonly #open: Frame[] = [];

  /** The outermost element. */
  begin(types: TagTypes, declared?: string): void {
    this.#push('', types, { field: undefined, declared });
  }

  open(name: string, types: TagTypes): void {
    const parent = this.#open[this.#open.length - 1] as Frame;
    parent.hasChildren = true;
    if (parent.isArray) this.#push(name, types, { field: undefined, declared: name });
    else {
      const field = fieldIn(parent, name);
      this.#push(name, types, { field, declared: field?.type });
    }
  }

  text(text: string): void {
    const frame = this.#open[this.#open.length - 1] as Frame;
    frame.text = frame.text === '' ? text : frame.text + text;
  }

  /** An element without attributes, with all of its content. */
  leaf(name: string, text: string): void {
    const parent = this.#open[this.#open.length - 1] as Frame;
    parent.hasChildren = true;
    if (parent.isArray) {
      add(parent, name, undefined, toLeaf(text, name, name));
      return;
    }
    const field = fieldIn(parent, name);
    const value = field?.read === undefined ? toLeaf(text, field?.type, field?.type) : field.read(text);
    add(parent, name, field, value);
  }

  /** Closes the element that was opened last; the value when that was the outermost one. */
  close(): PropertyValue | undefined {
    const frame = this.#open.pop() as Frame;
    const value = toValue(frame);
    const parent = this.#open[this.#open.length - 1];
    if (parent === undefined) return value;
    add(parent, frame.name, frame.field, value);
    return undefined;
  }

  #push(
    name: string,
    { type: ownType, referenceType }: TagTypes,
    { field, declared }: Pick<Frame, 'field' | 'declared'>,
  ): void {
    const isArray = referenceType === undefined && (ownType ?? declared)?.startsWith('ArrayOf') === true;
    this.#open.push({
      name,
      field,
      ownType,
      declared,
      referenceType,
      isArray,
      text: '',
      hasChildren: false,
      items: isArray ? [] : NO_ITEMS,
      fields: undefined,
      dataFields: undefined,
      unknown: undefined,
    });
  }
}

/** How a data object declares a field; begins the data object with its first one. */
function fieldIn(frame: Frame, name: string): DataField | undefined {
  if (frame.fields === undefined) {
    const type = frame.ownType ?? frame.declared;
    frame.fields = {};
    frame.dataFields = type === undefined ? undefined : fieldsOf(type, frame.declared);
  }
  return frame.dataFields?.byName.get(name);
}

function add(parent: Frame, name: string, field: DataField | undefined, value: PropertyValue): void {
  if (parent.isArray) {
    parent.items.push(value);
    return;
  }
  if (field === undefined) {
    parent.unknown ??= [];
    parent.unknown.push([name, value]);
    return;
  }
  const fields = parent.fields as Fields;
  if (!field.isArray) fields[name] = value;
  else if (fields[name] === undefined) fields[name] = [value];
  else (fields[name] as PropertyValue[]).push(value);
}

function toValue(frame: Frame): PropertyValue {
  const { field, ownType, declared, referenceType, text, hasChildren } = frame;
  const type = ownType ?? declared;
  const read = field?.read;
  if (read !== undefined && ownType === undefined && !hasChildren) return read(text);
  if (referenceType !== undefined || type === 'ManagedObjectReference')
    return { type: referenceType ?? '', value: text };
  if (frame.isArray) return frame.items;
  if (!hasChildren) return toLeaf(text, type, declared);
  const object = toDataObject(frame);
  if (declared !== undefined && type !== declared) subtypes.set(object, type as string);
  return object;
}

/** Of an element without children and attributes. */
function toLeaf(text: string, type: string | undefined, declared: string | undefined): PropertyValue {
  if (type === undefined) return text;
  if (type === 'ManagedObjectReference') return { type: '', value: text };
  if (type.startsWith('ArrayOf')) return [];
  const read = primitiveReader(type);
  if (read !== undefined) return read(text);
  // What is left is an enumeration's word, or a data object of which no field is set.
  return text === '' ? withArrays({}, fieldsOf(type, declared)) : text;
}

function toDataObject({ fields = {}, dataFields, unknown }: Frame): Fields {
  withArrays(fields, dataFields);
  if (unknown !== undefined) addUnknown(fields, unknown);
  return fields;
}

function withArrays(fields: Fields, declared: DataFields | undefined): Fields {
  for (const name of declared?.requiredArrays ?? []) fields[name] ??= [];
  return fields;
}

/** Fields that no table knows, as a newer vCenter may send them: what came several times is an array. */
function addUnknown(
  fields: Fields,
  unknown: readonly (readonly [name: string, value: PropertyValue])[],
): void {
  for (const [name, same] of Map.groupBy(unknown, ([ofName]) => ofName)) {
    const values = same.map(([, value]) => value);
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

/** Kept beside the objects, because a field for it would be one of the object's own to whoever prints all of them. */
const subtypes = new WeakMap<object, string>();

/**
 * The type of a data object that says another one than was declared where it stands, such as
 * `HostNoRedundantManagementNetworkEvent` in an array of Event; undefined for any other value, and for a copy.
 */
export const subtypeOf = (value: PropertyValue): string | undefined =>
  typeof value === 'object' ? subtypes.get(value) : undefined;
