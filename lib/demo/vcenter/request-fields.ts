import type { MoRef } from '../../vsphere/property/retrieved-object.ts';
import type { XmlElement } from '../../vsphere/soap/unit-builder.ts';

export function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name);
}

export function textOf(element: XmlElement, name: string): string {
  return childOf(element, name)?.text ?? '';
}

export function numberOf(element: XmlElement, name: string): number | undefined {
  const text = textOf(element, name);
  return text === '' ? undefined : Number(text);
}

export function toReference(element: XmlElement | undefined): MoRef {
  return { type: element?.referenceType ?? '', value: element?.text ?? '' };
}
