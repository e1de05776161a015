import type { MoRef } from '../../vsphere/property/retrieved-object.ts';
import { escapeXml } from '../../vsphere/soap/soap-request.ts';

/** A simple value with its type, as the `val` of a property. */
export function value(type: string, text: string | number | boolean): string {
  return element('val', type, escapeXml(String(text)));
}

/** An element with its type around XML. */
export function element(name: string, type: string, content: string): string {
  return `<${name} xsi:type="${type}">${content}</${name}>`;
}

export function moRefValue({ type, value: id }: MoRef): string {
  return `<val type="${type}" xsi:type="ManagedObjectReference">${id}</val>`;
}

export function moRefsValue(morefs: readonly MoRef[]): string {
  const items = morefs.map(
    ({ type, value: id }) =>
      `<ManagedObjectReference type="${type}" xsi:type="ManagedObjectReference">${id}</ManagedObjectReference>`,
  );
  return element('val', 'ArrayOfManagedObjectReference', items.join(''));
}
