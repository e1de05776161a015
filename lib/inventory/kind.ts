import type { PropertySpec } from '../vsphere/property/filter-spec.ts';
import type { RetrievalSession } from '../vsphere/property/retrieval.ts';
import type { RetrievedObject } from '../vsphere/property/retrieved-object.ts';
import type { ObjectTree } from './object-tree.ts';

/** A type of managed object that is collected, in the operator's words. */
export type KindName =
  | 'host'
  | 'vm'
  | 'datastore'
  | 'datastore-cluster'
  | 'cluster'
  | 'resource-pool'
  | 'portgroup'
  | 'distributed-switch'
  | 'vcenter'
  /** The definition of an alarm. */
  | 'alarm';

/** What stands above or beside an item, by the name that vSphere's client shows; empty when there is none to be read. */
export type FactName =
  | 'cluster'
  | 'datacenter'
  | 'folder'
  | 'host'
  | 'datastore'
  | 'datastoreCluster'
  | 'resourcePool'
  | 'distributedSwitch'
  /** The vApp that a machine is in, or that a resource pool is. */
  | 'virtualApp'
  /** Where a resource pool stands, or the pool or vApp of a machine: `/dc1/host/cluster1/Resources/gold`. */
  | 'poolPath'
  /** Not a name: the machine, by what no other one of this vCenter has. */
  | 'instanceUuid'
  /** Not a name: by what other objects refer to it, such as a datastore's uuid in the instance of a counter. */
  | 'key'
  /** vSphere's own word for what it defines itself; empty for what somebody made. */
  | 'systemName';

export type Facts = { readonly [Fact in FactName]?: string };

/** One object of a kind in a run. What labels are made from is in it; nothing else of the object is. */
export interface Item {
  /** Of a kind whose objects are of several types. */
  readonly type?: string;
  readonly moref: string;
  readonly name: string;
  readonly facts: Facts;
}

/** What a listing asks of a kind beyond what every listing has; each makes the answer larger. */
export interface ListingOptions {
  /** The addresses of the management interfaces of hosts: several times the size of all the rest. */
  readonly managementAddress?: boolean;
  /** Whether the ssh service of each host runs: by a path with a key, or out of all services of the host. */
  readonly sshService?: 'keyed' | 'whole';
  /** The instance UUIDs of machines, and what stands above their resource pools. */
  readonly machineIdentity?: boolean;
}

/** One row of the table of kinds: what is listed of it, and how an object becomes an item. */
export interface Kind<One extends Item = Item> {
  readonly name: KindName;
  /** The exact types of its objects. */
  readonly types: readonly string[];
  /**
   * What has to be listed: its own type, or the one that its objects inherit from, first; then what its facts are made
   * from. The specs of all kinds are joined by type, and none names a type beside one that inherits from it, because
   * vSphere does not say which of two specs it takes then.
   */
  specs(options: ListingOptions): readonly PropertySpec[];
  /** Pure. The object's name is there and decoded. */
  toItem(object: RetrievedObject, name: string, tree: ObjectTree): One;
  /** How objects are listed that are in no view of the inventory. Where it rejects, nothing of the kind is known. */
  list?(
    session: RetrievalSession,
    options: { readonly target: string; readonly signal: AbortSignal },
  ): Promise<readonly Item[]>;
}

export interface KindListing<One extends Item = Item> {
  readonly items: readonly One[];
  /** References of objects whose name did not come: they count as objects all the same. */
  readonly unreadable: readonly string[];
}
