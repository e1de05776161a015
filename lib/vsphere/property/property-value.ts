import type { TagTypes } from '../soap/tag-attributes.ts';
import type { XmlElement } from '../soap/unit-builder.ts';
import type { PropertyValue } from './retrieved-object.ts';
import { ValueBuilder } from './value-builder.ts';

/** The value of an element that was read before; `declared` is its type where it says none. */
export function toPropertyValue(element: XmlElement, declared?: string): PropertyValue {
  const builder = new ValueBuilder();
  builder.begin(typesOf(element), declared);
  fill(builder, element);
  return builder.close() as PropertyValue;
}

function fill(builder: ValueBuilder, { text, children }: XmlElement): void {
  builder.text(text);
  for (const child of children) {
    builder.open(child.name, typesOf(child));
    fill(builder, child);
    builder.close();
  }
}

const typesOf = ({ type, referenceType }: XmlElement): TagTypes => ({ type, referenceType });
