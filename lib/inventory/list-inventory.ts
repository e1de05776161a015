import { isInvalidProperty } from '../vsphere/errors.ts';
import type { PropertySpec } from '../vsphere/property/filter-spec.ts';
import type { RetrievalSession } from '../vsphere/property/retrieval.ts';
import { retrieveByView } from '../vsphere/property/retrieve-by-view.ts';
import type { RetrievedObject } from '../vsphere/property/retrieved-object.ts';
import { HOST, type ListedHost, withSshOnly } from './host.ts';
import type { Item, Kind, KindListing, KindName, ListingOptions } from './kind.ts';
import { findKind } from './kinds.ts';
import { keyOf, nameOf, objectTree } from './object-tree.ts';

export interface InventoryQuery {
  /** The kinds to list besides hosts, which every sweep counts. */
  readonly kinds?: readonly KindName[];
  /** The name of the target: that of the one item of the kind `vcenter`. */
  readonly target?: string;
  readonly managementAddress: boolean;
  /** Whether the ssh service of each host runs. */
  readonly sshService?: boolean;
}

/** What is below the root folder of a target. */
export interface Inventory {
  readonly hosts: readonly ListedHost[];
  /** References of hosts whose name did not come: they count as hosts all the same. */
  readonly unreadable: readonly string[];
  /** The other kinds that were asked for, each with all its items, or none. */
  readonly others: ReadonlyMap<KindName, KindListing>;
}

/**
 * Every object of the kinds below the root folder, with what stands above and beside it: one view and one paged
 * retrieval for all of them. A server that takes no path with a key is asked once more, for the services of all hosts,
 * of which one boolean a host is kept as they come.
 */
export async function listInventory(
  session: RetrievalSession,
  query: InventoryQuery,
  options: { signal: AbortSignal },
): Promise<Inventory> {
  const { managementAddress, sshService = false } = query;
  if (!sshService) return await list(session, query, { managementAddress }, options);
  try {
    return await list(session, query, { managementAddress, sshService: 'keyed' }, options);
  } catch (error) {
    if (!isInvalidProperty(error)) throw error;
    return await list(session, query, { managementAddress, sshService: 'whole' }, options);
  }
}

async function list(
  session: RetrievalSession,
  { kinds = [], target = '' }: InventoryQuery,
  how: ListingOptions,
  { signal }: { signal: AbortSignal },
): Promise<Inventory> {
  const others = [...new Set(kinds)].filter((name) => name !== HOST.name).map(findKind);
  const specs = joinSpecs([HOST, ...others].flatMap((kind) => kind.specs(how)));
  const objects = new Map<string, RetrievedObject>();
  for await (const object of retrieveByView(session, specs, { signal })) {
    objects.set(keyOf(object.moref), withSshOnly(object));
  }
  const { type, value } = session.content.rootFolder;
  const itself: Item = { type, moref: value, name: target, facts: {} };
  const { items: hosts, unreadable } = toListing(HOST, objects);
  return {
    hosts,
    unreadable,
    others: new Map(
      others.map((kind) => [
        kind.name,
        kind.name === 'vcenter' ? { items: [itself], unreadable: [] } : toListing(kind, objects),
      ]),
    ),
  };
}

/** One spec a type, with the paths of all. */
export function joinSpecs(specs: readonly PropertySpec[]): PropertySpec[] {
  return Array.from(
    Map.groupBy(specs, ({ type }) => type),
    ([type, ofType]) => ({ type, paths: [...new Set(ofType.flatMap(({ paths }) => paths))] }),
  );
}

/** The items of one kind out of all objects that were listed, by their keys. Pure. */
export function toListing<One extends Item>(
  kind: Kind<One>,
  objects: ReadonlyMap<string, RetrievedObject>,
): KindListing<One> {
  const tree = objectTree(objects);
  const items: One[] = [];
  const unreadable: string[] = [];
  for (const object of objects.values()) {
    if (!kind.types.includes(object.moref.type)) continue;
    const name = nameOf(object);
    if (name === undefined) unreadable.push(object.moref.value);
    else items.push(kind.toItem(object, name, tree));
  }
  return { items, unreadable };
}
