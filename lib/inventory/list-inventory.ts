import { messageOf } from '../platform/errors.ts';
import {
  isInvalidProperty,
  isNotAuthenticated,
  VsphereFaultError,
  VsphereReplyError,
} from '../vsphere/errors.ts';
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
  /** The other kinds that could not be listed, and why; they are not in `others`. Absent where all came together. */
  readonly unlisted?: ReadonlyMap<KindName, string>;
}

/**
 * Every object of the kinds below the root folder, with what stands above and beside it: one view and one paged
 * retrieval for all of them. Where that fails by what is listed, the hosts are listed alone, and each other kind after
 * them: what is wrong with one costs itself. A server that takes no path with a key is asked once more, for the services
 * of all hosts, of which one boolean a host is kept as they come.
 */
export async function listInventory(
  session: RetrievalSession,
  query: InventoryQuery,
  options: { signal: AbortSignal },
): Promise<Inventory> {
  const others = [...new Set(query.kinds ?? [])].filter((name) => name !== HOST.name).map(findKind);
  try {
    return await listTogether(session, { ...query, others }, options);
  } catch (error) {
    if (others.length === 0 || !isOfWhatIsListed(error)) throw error;
  }
  const { hosts, unreadable } = await listTogether(session, { ...query, others: [] }, options);
  const found = new Map<KindName, KindListing>();
  const unlisted = new Map<KindName, string>();
  for (const kind of others) {
    try {
      const { target = '' } = query;
      const objects = await retrieveAll(session, kind.specs({}), options);
      found.set(kind.name, itemsOf(kind, objects, itselfOf(session, target)));
    } catch (error) {
      if (!isOfWhatIsListed(error)) throw error;
      unlisted.set(kind.name, messageOf(error));
    }
  }
  return { hosts, unreadable, others: found, unlisted };
}

/** A fault, or an answer that cannot be read: another selection of objects may well be answered. */
const isOfWhatIsListed = (error: unknown): boolean =>
  (error instanceof VsphereFaultError && !isNotAuthenticated(error)) ||
  (error instanceof VsphereReplyError && (error.code === 'malformed' || error.code === 'too-large'));

type ListingQuery = InventoryQuery & { readonly others: readonly Kind[] };

async function listTogether(
  session: RetrievalSession,
  query: ListingQuery,
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
  { others, target = '' }: ListingQuery,
  how: ListingOptions,
  options: { signal: AbortSignal },
): Promise<Inventory> {
  const specs = [HOST, ...others].flatMap((kind) => kind.specs(how));
  const objects = await retrieveAll(session, specs, options);
  const itself = itselfOf(session, target);
  const { items: hosts, unreadable } = toListing(HOST, objects);
  return {
    hosts,
    unreadable,
    others: new Map(others.map((kind) => [kind.name, itemsOf(kind, objects, itself)])),
  };
}

async function retrieveAll(
  session: RetrievalSession,
  specs: readonly PropertySpec[],
  { signal }: { signal: AbortSignal },
): Promise<ReadonlyMap<string, RetrievedObject>> {
  const objects = new Map<string, RetrievedObject>();
  if (specs.length === 0) return objects;
  for await (const object of retrieveByView(session, joinSpecs(specs), { signal })) {
    objects.set(keyOf(object.moref), withSshOnly(object));
  }
  return objects;
}

const itselfOf = ({ content }: RetrievalSession, name: string): Item => {
  const { type, value } = content.rootFolder;
  return { type, moref: value, name, facts: {} };
};

const itemsOf = (kind: Kind, objects: ReadonlyMap<string, RetrievedObject>, itself: Item): KindListing =>
  kind.name === 'vcenter' ? { items: [itself], unreadable: [] } : toListing(kind, objects);

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
