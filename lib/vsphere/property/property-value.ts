import type { XmlElement } from '../soap/soap-reader.ts';
import type { MoRef, PropertyValue } from './retrieved-object.ts';

const NUMBERS: ReadonlySet<string> = new Set(['byte', 'short', 'int', 'long', 'float', 'double']);
const TEXTS: ReadonlySet<string> = new Set(['string', 'dateTime', 'anyURI', 'base64Binary', 'anyType']);
const NAMED_AFTER_THEIR_TYPE: ReadonlySet<string> = new Set([...NUMBERS, ...TEXTS, 'boolean']);

/**
 * The value of an element by its `xsi:type`. vSphere types the outermost value, what is declared as `anyType`, and
 * the items of an array by their element's name; the fields of a data object come untyped, so they stay text.
 */
export function toPropertyValue(element: XmlElement, type = element.type): PropertyValue {
  const { children, referenceType, text } = element;
  if (referenceType !== undefined || type === 'ManagedObjectReference') return toMoRef(element);
  if (type?.startsWith('ArrayOf')) return children.map(toItem);
  if (children.length > 0) return toFields(children);
  if (type === undefined || TEXTS.has(type)) return text;
  if (NUMBERS.has(type)) return toNumber(text);
  if (type === 'boolean') return text === 'true' || text === '1';
  // What is left is an enumeration's word, or a data object of which no field is set.
  return text === '' ? {} : text;
}

export function toMoRef({ referenceType = '', text }: XmlElement): MoRef {
  return { type: referenceType, value: text };
}

function toItem(item: XmlElement): PropertyValue {
  const type = item.type ?? (NAMED_AFTER_THEIR_TYPE.has(item.name) ? item.name : undefined);
  return toPropertyValue(item, type);
}

function toFields(children: readonly XmlElement[]): PropertyValue {
  const fields = new Map<string, PropertyValue | PropertyValue[]>();
  const repeated = new Set<string>();
  for (const child of children) {
    const value = toPropertyValue(child);
    const before = fields.get(child.name);
    if (before === undefined) fields.set(child.name, value);
    else if (repeated.has(child.name)) (before as PropertyValue[]).push(value);
    else {
      fields.set(child.name, [before, value]);
      repeated.add(child.name);
    }
  }
  // Defines own fields only, so that an element named __proto__ stays a field.
  return Object.fromEntries(fields);
}

/** XML Schema writes INF where JavaScript says Infinity. What is no number stays the text that came. */
function toNumber(text: string): number | string {
  const value = Number(text.replace('INF', 'Infinity'));
  return text.trim() === '' || (Number.isNaN(value) && text !== 'NaN') ? text : value;
}
