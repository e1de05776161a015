import type { XmlElement } from './unit-builder.ts';

/** A managed object reference. */
export interface MoRef {
  readonly type: string;
  readonly value: string;
}

export function toMoRef({ referenceType = '', text }: XmlElement): MoRef {
  return { type: referenceType, value: text };
}
