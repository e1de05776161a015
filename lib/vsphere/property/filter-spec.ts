import { reference, textElement } from '../soap/soap-request.ts';
import type { MoRef } from './retrieved-object.ts';

/** Leaf property paths to read of the objects of one type and its subtypes. */
export interface PropertySpec {
  readonly type: string;
  readonly paths: readonly string[];
}

/** A step from every object of a type to those that a property of it refers to. */
export interface TraversalSpec {
  /** By which another step says that this one follows it. */
  readonly name?: string;
  readonly type: string;
  /** Such as `configManager.serviceSystem`. */
  readonly path: string;
  /** Whether the objects that it leads to are only passed through. */
  readonly skip?: boolean;
  /** What follows: further steps, or the names of steps that are written elsewhere, also of this one. */
  readonly selectSet?: readonly (TraversalSpec | string)[];
}

/** Where a retrieval begins. */
export interface ObjectSpec {
  readonly obj: MoRef;
  /** Whether the object itself is only passed through. */
  readonly skip?: boolean;
  readonly selectSet?: readonly TraversalSpec[];
}

/** The properties to read, as the beginning of a PropertyFilterSpec. */
export function toPropSets(specs: readonly PropertySpec[]): string {
  return specs.map(toPropSet).join('');
}

export function toObjectSet({ obj, skip = false, selectSet = [] }: ObjectSpec): string {
  return `<objectSet>${reference('obj', obj)}${skipElement(skip)}${selectSet.map(toSelection).join('')}</objectSet>`;
}

/** How many XML elements a part of a request has, of which vCenter takes a limited number in one request. */
export function countElements(xml: string): number {
  return xml.match(/<[^/]/g)?.length ?? 0;
}

function toPropSet({ type, paths }: PropertySpec): string {
  const pathSet = paths.map((path) => textElement('pathSet', path)).join('');
  return `<propSet>${textElement('type', type)}<all>false</all>${pathSet}</propSet>`;
}

/** The order is that of the WSDL. */
function toSelection(selection: TraversalSpec | string): string {
  if (typeof selection === 'string') return `<selectSet>${textElement('name', selection)}</selectSet>`;
  const { name, type, path, skip = false, selectSet = [] } = selection;
  const called = name === undefined ? '' : textElement('name', name);
  const step = `${called}${textElement('type', type)}${textElement('path', path)}${skipElement(skip)}`;
  return `<selectSet xsi:type="TraversalSpec">${step}${selectSet.map(toSelection).join('')}</selectSet>`;
}

function skipElement(skip: boolean): string {
  return skip ? '<skip>true</skip>' : '';
}
