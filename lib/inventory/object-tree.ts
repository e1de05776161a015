import { decodeName } from '../vsphere/inventory/names.ts';
import type { PropertyValue, RetrievedObject } from '../vsphere/property/retrieved-object.ts';
import { isMoRef } from '../vsphere/property/value-fields.ts';

/** What a listing knows of the objects above and beside another one. */
export interface ObjectTree {
  /** The object that a property refers to; undefined when it was not listed. */
  find(reference: PropertyValue | undefined): RetrievedObject | undefined;
  /** Its name; empty when nobody knows it. */
  nameOf(reference: PropertyValue | undefined): string;
  /** The name of the first object of that type above; empty when there is none, or its name did not come. */
  nameAbove(object: RetrievedObject | undefined, type: string): string;
  /** The names of the folders above, up to the first object that is none: `prod/web`; empty for none. */
  foldersAbove(object: RetrievedObject | undefined): string;
  /**
   * The object with all that stands above it, as govmomi's inventory paths: `/dc1/host/cluster1/Resources`, without the root
   * folder, which no listing has. Empty when no datacenter was listed above it, or the name of one of them did not come.
   */
  pathOf(object: RetrievedObject | undefined): string;
}

/** Deeper than folders are nested anywhere; ends the walk upwards in an inventory that has a circle. */
const MAX_ANCESTORS = 64;

export const keyOf = ({ type, value }: { readonly type: string; readonly value: string }): string =>
  `${type}:${value}`;

export function objectTree(all: ReadonlyMap<string, RetrievedObject>): ObjectTree {
  const find = (reference: PropertyValue | undefined) =>
    isMoRef(reference) ? all.get(keyOf(reference)) : undefined;
  const ancestorsOf = (object: RetrievedObject | undefined): RetrievedObject[] => {
    const ancestors: RetrievedObject[] = [];
    let next = find(object?.properties.get('parent'));
    while (next !== undefined && ancestors.length < MAX_ANCESTORS) {
      ancestors.push(next);
      next = find(next.properties.get('parent'));
    }
    return ancestors;
  };
  const printName = (object: RetrievedObject | undefined) => (object && nameOf(object)) ?? '';
  return {
    find,
    nameOf: (reference) => printName(find(reference)),
    nameAbove: (object, type) => printName(ancestorsOf(object).find(({ moref }) => moref.type === type)),
    foldersAbove(object) {
      const ancestors = ancestorsOf(object);
      const end = ancestors.findIndex(({ moref }) => moref.type !== 'Folder');
      // The last one is the datacenter's own folder of hosts, machines, datastores or networks, which nobody named.
      const folders = ancestors.slice(0, end === -1 ? undefined : Math.max(0, end - 1));
      return folders.map(printName).toReversed().join('/');
    },
    pathOf(object) {
      const steps = object === undefined ? [] : [object, ...ancestorsOf(object)];
      const names = steps.map(printName).toReversed();
      const isWhole = steps.some(({ moref }) => moref.type === 'Datacenter') && !names.includes('');
      return isWhole ? `/${names.join('/')}` : '';
    },
  };
}

/** The name as vSphere's client shows it; undefined when none came. */
export function nameOf({ properties }: RetrievedObject): string | undefined {
  const name = properties.get('name');
  return typeof name === 'string' && name !== '' ? decodeName(name) : undefined;
}
