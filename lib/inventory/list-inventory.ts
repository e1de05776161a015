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
  /** The instance UUIDs of machines and what stands above their pools: labels of OpenTelemetry's receiver. */
  readonly machineIdentity?: boolean;
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
 * Every object of the kinds, with what stands above and beside it. Those of no view are listed at the same time, until
 * `besideSignal` aborts; what fails there costs its kind alone.
 */
export async function listInventory(
  session: RetrievalSession,
  query: InventoryQuery,
  options: { signal: AbortSignal; besideSignal?: AbortSignal },
): Promise<Inventory> {
  const others = [...new Set(query.kinds ?? [])].filter((name) => name !== HOST.name).map(findKind);
  const [viewed, beside] = await Promise.all([
    listViewed(session, { ...query, others: others.filter(({ list }) => list === undefined) }, options),
    Promise.all(others.map((kind) => listBeside(kind, session, { target: query.target ?? '', ...options }))),
  ]);
  const unlisted = new Map(viewed.unlisted);
  const found = new Map(viewed.others);
  for (const one of beside) {
    if (one?.items !== undefined) found.set(one.kind, { items: one.items, unreadable: [] });
    else if (one !== undefined) unlisted.set(one.kind, one.why);
  }
  return { ...viewed, others: found, ...(unlisted.size === 0 ? {} : { unlisted }) };
}

type Beside = { readonly kind: KindName } & (
  | { readonly items: readonly Item[] }
  | { readonly items?: undefined; readonly why: string }
);

/** Undefined for a kind that is in the view. */
async function listBeside(
  { name, list: listKind }: Kind,
  session: RetrievalSession,
  {
    target,
    signal,
    besideSignal = signal,
  }: { target: string; signal: AbortSignal; besideSignal?: AbortSignal },
): Promise<Beside | undefined> {
  if (listKind === undefined) return undefined;
  try {
    return { kind: name, items: await listKind(session, { target, signal: besideSignal }) };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: name, why: messageOf(error) };
  }
}

/**
 * One view and one paged retrieval for all kinds. Where that fails by what is listed, the hosts are listed alone, and each
 * other kind after them: what is wrong with one costs itself. A server that takes no path with a key is asked once more, for the services
 * of all hosts, of which one boolean a host is kept as they come.
 */
async function listViewed(
  session: RetrievalSession,
  query: ListingQuery,
  options: { signal: AbortSignal },
): Promise<Inventory> {
  const { others } = query;
  try {
    return await listTogether(session, query, options);
  } catch (error) {
    if (others.length === 0 || !isOfWhatIsListed(error)) throw error;
  }
  const { hosts, unreadable } = await listTogether(session, { ...query, others: [] }, options);
  const found = new Map<KindName, KindListing>();
  const unlisted = new Map<KindName, string>();
  for (const kind of others) {
    try {
      const objects = await retrieveAll(
        session,
        kind.specs({ machineIdentity: query.machineIdentity === true }),
        options,
      );
      found.set(kind.name, toListing(kind, objects));
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
  const { managementAddress, machineIdentity = false, sshService = false } = query;
  const how = { managementAddress, machineIdentity };
  if (!sshService) return await list(session, query, how, options);
  try {
    return await list(session, query, { ...how, sshService: 'keyed' }, options);
  } catch (error) {
    if (!isInvalidProperty(error)) throw error;
    return await list(session, query, { ...how, sshService: 'whole' }, options);
  }
}

async function list(
  session: RetrievalSession,
  { others }: ListingQuery,
  how: ListingOptions,
  options: { signal: AbortSignal },
): Promise<Inventory> {
  const specs = [HOST, ...others].flatMap((kind) => kind.specs(how));
  const objects = await retrieveAll(session, specs, options);
  const { items: hosts, unreadable } = toListing(HOST, objects);
  return {
    hosts,
    unreadable,
    others: new Map(others.map((kind) => [kind.name, toListing(kind, objects)])),
  };
}

async function retrieveAll(
  session: RetrievalSession,
  specs: readonly PropertySpec[],
  { signal }: { signal: AbortSignal },
): Promise<ReadonlyMap<string, RetrievedObject>> {
  const objects = new Map<string, RetrievedObject>();
  for await (const object of retrieveByView(session, joinSpecs(specs), { signal })) {
    objects.set(keyOf(object.moref), withSshOnly(object));
  }
  return objects;
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
