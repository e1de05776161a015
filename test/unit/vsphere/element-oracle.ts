import { VsphereReplyError } from '../../../lib/vsphere/errors.ts';
import type { CsvMetrics } from '../../../lib/vsphere/performance/entity-metrics.ts';
import { type DataFields, fieldsOf } from '../../../lib/vsphere/property/data-fields.ts';
import type { PropertyValue, RetrievedObject } from '../../../lib/vsphere/property/retrieved-object.ts';
import { toMoRef } from '../../../lib/vsphere/soap/moref.ts';
import type { XmlElement } from '../../../lib/vsphere/soap/unit-builder.ts';
import { primitiveReader } from '../../../lib/vsphere/vim25/primitive.ts';

/**
 * How answers were read before their values were made while they are scanned: the whole tree of elements first. What is
 * read now has to be the same.
 */
export function objectOf(element: XmlElement): RetrievedObject {
  const properties = new Map<string, PropertyValue>();
  const missing = new Map<string, string>();
  let reference: XmlElement | undefined;
  for (const part of element.children) {
    if (part.name === 'obj') reference = part;
    else if (part.name === 'propSet') {
      const value = childOf(part, 'val');
      if (value !== undefined) properties.set(textOf(part, 'name'), valueOfElement(value));
    } else if (part.name === 'missingSet') missing.set(textOf(part, 'path'), faultOf(part));
  }
  if (reference === undefined || reference.text === '') {
    throw new VsphereReplyError('a retrieval was answered with an object that has no reference', {
      code: 'not-soap',
    });
  }
  return { moref: toMoRef(reference), properties, missing };
}

/** MissingProperty.fault is a LocalizedMethodFault, whose own `fault` carries the type. */
function faultOf(missing: XmlElement): string {
  const localized = childOf(missing, 'fault');
  const fault = localized === undefined ? undefined : childOf(localized, 'fault');
  return fault?.type ?? localized?.type ?? 'Unspecified';
}

function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name);
}

function textOf(element: XmlElement, name: string): string {
  return childOf(element, name)?.text ?? '';
}

export function valueOfElement(element: XmlElement, declared?: string): PropertyValue {
  const { children, referenceType, text, type = declared } = element;
  if (referenceType !== undefined || type === 'ManagedObjectReference') return toMoRef(element);
  if (type === undefined) return children.length > 0 ? toDataObject(children, undefined) : text;
  if (type.startsWith('ArrayOf')) return children.map(toItem);
  if (children.length > 0) {
    return toDataObject(children, fieldsOf(type, declared));
  }
  const read = primitiveReader(type);
  if (read !== undefined) return read(text);
  // What is left is an enumeration's word, or a data object of which no field is set.
  return text === '' ? toDataObject(children, fieldsOf(type, declared)) : text;
}

/** The items of an ArrayOf are named by its type: ArrayOfInt holds `int`, ArrayOfHostService `HostService`. */
function toItem(item: XmlElement): PropertyValue {
  return valueOfElement(item, item.name);
}

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
    const value = isLeaf ? read(child.text) : valueOfElement(child, field.type);
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
    const values = same.map((child) => valueOfElement(child));
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

/** The texts of an answer to QueryPerf, found among its elements. */
export function csvOfElement({ children }: XmlElement): CsvMetrics {
  const entity = children.find(({ name }) => name === 'entity');
  return {
    entity: entity && toMoRef(entity),
    sampleInfo: children.find(({ name }) => name === 'sampleInfoCSV')?.text,
    series: children
      .filter(({ name }) => name === 'value')
      .map((one) => {
        const id = childOf(one, 'id');
        return {
          counterId: id && childOf(id, 'counterId')?.text,
          instance: id && childOf(id, 'instance')?.text,
          values: childOf(one, 'value')?.text,
        };
      }),
  };
}
