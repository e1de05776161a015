import type { TagTypes } from './tag-attributes.ts';

/**
 * One element of a SOAP message with everything below it. Only one such unit (a retrieved object, a return value, a
 * fault) is held at a time, never the whole message.
 */
export interface XmlElement {
  /** Local name. */
  readonly name: string;
  /** Local part of its `xsi:type`, recognised by namespace: prefixes differ between vCenter and vcsim. */
  readonly type: string | undefined;
  /** The `type` attribute, which only managed object references have. */
  readonly referenceType: string | undefined;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** Makes units of their elements while these are read. */
export interface UnitBuilder<Unit> {
  open(name: string, types: TagTypes): void;
  /** Of the element that was opened last and is not closed; maybe a piece of it. */
  text(text: string): void;
  /** Closes the element that was opened last; answers the unit when that was its outermost one. */
  close(): Unit | undefined;
  /** An element without attributes, inside of another one, with all of its content. */
  leaf(name: string, text: string): void;
}

interface Frame extends XmlElement {
  text: string;
  children: XmlElement[];
}

/** Of every element without children; one for all, because most elements are leaves. Never written to. */
const NO_CHILDREN: XmlElement[] = [];

/** Makes units of any sort as they are. */
export class ElementBuilder implements UnitBuilder<XmlElement> {
  /** Open elements, outermost first. */
  readonly #open: Frame[] = [];

  open(name: string, { type, referenceType }: TagTypes): void {
    const element: Frame = { name, type, referenceType, text: '', children: NO_CHILDREN };
    this.#attach(element);
    this.#open.push(element);
  }

  text(text: string): void {
    const element = this.#open[this.#open.length - 1];
    if (element !== undefined) element.text = element.text === '' ? text : element.text + text;
  }

  close(): XmlElement | undefined {
    const element = this.#open.pop();
    return this.#open.length === 0 ? element : undefined;
  }

  leaf(name: string, text: string): void {
    this.#attach({ name, type: undefined, referenceType: undefined, text, children: NO_CHILDREN });
  }

  #attach(element: Frame): void {
    const parent = this.#open[this.#open.length - 1];
    if (parent === undefined) return;
    if (parent.children === NO_CHILDREN) parent.children = [element];
    else parent.children.push(element);
  }
}
