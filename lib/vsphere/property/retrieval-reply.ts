import { VsphereReplyError } from '../errors.ts';
import { toMoRef } from '../soap/moref.ts';
import { NO_TYPES, type TagTypes } from '../soap/tag-attributes.ts';
import { ElementBuilder, type UnitBuilder, type XmlElement } from '../soap/unit-builder.ts';
import type { PropertyValue, RetrievedObject } from './retrieved-object.ts';
import { ValueBuilder } from './value-builder.ts';

/**
 * Makes each `objects` element of a RetrieveResult an object while it is read: `obj`, `propSet*` (name, val) and
 * `missingSet*` (path, fault). A property that is unset comes in neither. Other units, such as the token of the next page,
 * stay elements.
 */
export class RetrievedObjectBuilder implements UnitBuilder<RetrievedObject | XmlElement> {
  readonly #elements = new ElementBuilder();
  readonly #values = new ValueBuilder();
  /** What gets the elements that come: a part as it is, a value, or nothing until the next of either begins. */
  #inside: 'element' | 'value' | undefined;
  #object = begun();
  /** Elements around a part: none, the object, or the object and a `propSet`. */
  #depth = 0;
  #name: string | undefined;
  #value: PropertyValue | undefined;

  open(name: string, types: TagTypes): void {
    if (this.#inside === 'element') this.#elements.open(name, types);
    else if (this.#inside === 'value') this.#values.open(name, types);
    else if (this.#depth === 0 && name === 'objects') {
      this.#object = begun();
      this.#depth = 1;
    } else if (this.#depth === 1 && name === 'propSet') {
      this.#name = undefined;
      this.#value = undefined;
      this.#depth = 2;
    } else if (this.#depth === 2 && name === 'val' && this.#value === undefined) {
      this.#inside = 'value';
      this.#values.begin(types);
    } else {
      this.#inside = 'element';
      this.#elements.open(name, types);
    }
  }

  text(text: string): void {
    if (this.#inside === 'element') this.#elements.text(text);
    else if (this.#inside === 'value') this.#values.text(text);
  }

  leaf(name: string, text: string): void {
    if (this.#inside === 'element') this.#elements.leaf(name, text);
    else if (this.#inside === 'value') this.#values.leaf(name, text);
    else if (this.#depth === 2 && name === 'name') this.#name ??= text;
    else {
      this.open(name, NO_TYPES);
      this.text(text);
      this.close();
    }
  }

  close(): RetrievedObject | XmlElement | undefined {
    if (this.#inside === 'element') return this.#closeElement();
    if (this.#inside === 'value') {
      this.#value = this.#values.close();
      if (this.#value !== undefined) this.#inside = undefined;
    } else if (this.#depth === 2) {
      if (this.#value !== undefined) this.#object.properties.set(this.#name ?? '', this.#value);
      this.#depth = 1;
    } else {
      this.#depth = 0;
      const { moref, properties, missing } = this.#object;
      if (moref === undefined || moref.value === '') throw withoutReference();
      return { moref, properties, missing };
    }
    return undefined;
  }

  #closeElement(): XmlElement | undefined {
    const element = this.#elements.close();
    if (element === undefined) return undefined;
    this.#inside = undefined;
    if (this.#depth === 0) return element;
    if (this.#depth === 2) {
      if (element.name === 'name') this.#name ??= element.text;
    } else if (element.name === 'obj') this.#object.moref = toMoRef(element);
    else if (element.name === 'missingSet')
      this.#object.missing.set(textOf(element, 'path'), faultOf(element));
    return undefined;
  }
}

interface Begun {
  moref: RetrievedObject['moref'] | undefined;
  readonly properties: Map<string, PropertyValue>;
  readonly missing: Map<string, string>;
}

const begun = (): Begun => ({ moref: undefined, properties: new Map(), missing: new Map() });

const withoutReference = () =>
  new VsphereReplyError('a retrieval was answered with an object that has no reference', {
    code: 'not-soap',
  });

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
