import { VsphereReplyError } from '../errors.ts';
import { toMoRef } from '../soap/moref.ts';
import type { XmlElement } from '../soap/soap-reader.ts';
import { toPropertyValue } from './property-value.ts';
import type { PropertyValue, RetrievedObject } from './retrieved-object.ts';

/**
 * One `objects` element of a RetrieveResult: `obj`, `propSet*` (name, val) and `missingSet*` (path, fault). A
 * property that is unset comes in neither.
 */
export function toRetrievedObject(element: XmlElement): RetrievedObject {
  const properties = new Map<string, PropertyValue>();
  const missing = new Map<string, string>();
  let reference: XmlElement | undefined;
  for (const part of element.children) {
    if (part.name === 'obj') reference = part;
    else if (part.name === 'propSet') {
      const value = childOf(part, 'val');
      if (value !== undefined) properties.set(textOf(part, 'name'), toPropertyValue(value));
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
