import { listAlarms } from '../vsphere/alarm/list-alarms.ts';
import { decodeName } from '../vsphere/inventory/names.ts';
import type { RetrievedObject } from '../vsphere/property/retrieved-object.ts';
import { textOf } from '../vsphere/property/value-fields.ts';
import { HOST } from './host.ts';
import type { Facts, Kind, KindName } from './kind.ts';
import { nameOf, type ObjectTree } from './object-tree.ts';

const DATACENTER = { type: 'Datacenter', paths: ['name', 'parent'] } as const;
const FOLDER = { type: 'Folder', paths: ['name', 'parent'] } as const;
const COMPUTE = { type: 'ComputeResource', paths: ['name', 'parent'] } as const;

/** The datacenter and the folders that contain an object. */
const placeOf = (object: RetrievedObject, tree: ObjectTree): Facts => ({
  datacenter: tree.nameAbove(object, 'Datacenter'),
  folder: tree.foldersAbove(object),
});

/** A kind whose items are a name and facts alone. */
const kind = (
  row: Pick<Kind, 'name' | 'types'> & {
    readonly specs: ReturnType<Kind['specs']> | Kind['specs'];
    readonly facts: (object: RetrievedObject, tree: ObjectTree) => Facts;
  },
): Kind => ({
  name: row.name,
  types: row.types,
  specs: (options) => (typeof row.specs === 'function' ? row.specs(options) : row.specs),
  toItem: (object, name, tree) => ({
    moref: object.moref.value,
    ...(row.types.length > 1 ? { type: object.moref.type } : {}),
    name,
    facts: row.facts(object, tree),
  }),
});

/** The datastore of `[fast01] web01/web01.vmx`, by its own name, which the path may have encoded. */
const datastoreOf = (vmPathName: string | undefined): string =>
  decodeName(/^\[(.*?)\]/.exec(vmPathName ?? '')?.[1] ?? '');

/** `ds:///vmfs/volumes/5eed0001-…/`: the instance of a host's datastore counters is the uuid in it. */
const uuidOf = (url: string | undefined): string => /\/volumes\/([^/]+)\/?$/.exec(url ?? '')?.[1] ?? '';

const INSTANCE_UUID = 'summary.config.instanceUuid';

const VM = kind({
  name: 'vm',
  types: ['VirtualMachine'],
  specs: ({ machineIdentity = false }) => [
    {
      type: 'VirtualMachine',
      paths: [
        ...['name', 'parent', 'runtime.host', 'resourcePool', 'summary.config.vmPathName'],
        ...(machineIdentity ? [INSTANCE_UUID] : []),
      ],
    },
    { type: 'HostSystem', paths: ['name', 'parent'] },
    { type: 'ResourcePool', paths: ['name', ...(machineIdentity ? ['parent'] : [])] },
    COMPUTE,
    FOLDER,
    DATACENTER,
  ],
  facts(object, tree) {
    const { properties } = object;
    const host = tree.find(properties.get('runtime.host'));
    // A machine in a vApp has no folder; a template has no resource pool.
    return {
      host: tree.nameOf(properties.get('runtime.host')),
      cluster: tree.nameAbove(host, 'ClusterComputeResource'),
      datacenter: tree.nameAbove(object, 'Datacenter') || tree.nameAbove(host, 'Datacenter'),
      folder: tree.foldersAbove(object),
      datastore: datastoreOf(textOf(properties.get('summary.config.vmPathName'))),
      resourcePool: tree.nameOf(properties.get('resourcePool')),
      ...identityOf(object, tree),
    };
  },
});

/** What only some listings ask for; nothing of it where it was not asked for. */
function identityOf({ properties, missing }: RetrievedObject, tree: ObjectTree): Facts {
  if (!properties.has(INSTANCE_UUID) && !missing.has(INSTANCE_UUID)) return {};
  const pool = tree.find(properties.get('resourcePool'));
  return {
    instanceUuid: textOf(properties.get(INSTANCE_UUID)) ?? '',
    poolPath: tree.pathOf(pool),
    virtualApp: virtualAppOf(pool),
  };
}

/** The name of a pool that is a vApp. */
const virtualAppOf = (pool: RetrievedObject | undefined): string =>
  pool?.moref.type === 'VirtualApp' ? (nameOf(pool) ?? '') : '';

const DATASTORE = kind({
  name: 'datastore',
  types: ['Datastore'],
  specs: [{ type: 'Datastore', paths: ['name', 'parent', 'summary.url'] }, FOLDER, DATACENTER],
  facts(object, tree) {
    const above = tree.find(object.properties.get('parent'));
    const pod = above?.moref.type === 'StoragePod' ? above : undefined;
    return {
      ...placeOf(pod ?? object, tree),
      datastoreCluster: pod === undefined ? '' : tree.nameOf(object.properties.get('parent')),
      key: uuidOf(textOf(object.properties.get('summary.url'))),
    };
  },
});

/** A folder by inheritance, so that folders are listed for it. */
const DATASTORE_CLUSTER = kind({
  name: 'datastore-cluster',
  types: ['StoragePod'],
  specs: [FOLDER, DATACENTER],
  facts: placeOf,
});

const CLUSTER = kind({
  name: 'cluster',
  types: ['ClusterComputeResource'],
  specs: [COMPUTE, FOLDER, DATACENTER],
  facts: placeOf,
});

const RESOURCE_POOL = kind({
  name: 'resource-pool',
  types: ['ResourcePool', 'VirtualApp'],
  specs: [{ type: 'ResourcePool', paths: ['name', 'parent', 'owner'] }, COMPUTE, FOLDER, DATACENTER],
  facts(object, tree) {
    const owner = tree.find(object.properties.get('owner'));
    const isCluster = owner?.moref.type === 'ClusterComputeResource';
    return {
      cluster: isCluster ? tree.nameOf(object.properties.get('owner')) : '',
      // The compute resource of a host outside of a cluster has the host's name.
      host: isCluster ? '' : tree.nameOf(object.properties.get('owner')),
      datacenter: tree.nameAbove(owner, 'Datacenter'),
      resourcePool: tree.nameAbove(object, 'ResourcePool'),
      poolPath: tree.pathOf(object),
      virtualApp: virtualAppOf(object),
    };
  },
});

const SWITCH = { type: 'DistributedVirtualSwitch', paths: ['name', 'parent'] } as const;

const PORTGROUP = kind({
  name: 'portgroup',
  types: ['DistributedVirtualPortgroup'],
  specs: [
    {
      type: 'DistributedVirtualPortgroup',
      paths: ['name', 'parent', 'key', 'config.distributedVirtualSwitch'],
    },
    SWITCH,
    FOLDER,
    DATACENTER,
  ],
  facts: (object, tree) => ({
    ...placeOf(object, tree),
    distributedSwitch: tree.nameOf(object.properties.get('config.distributedVirtualSwitch')),
    key: textOf(object.properties.get('key')) ?? '',
  }),
});

const DISTRIBUTED_SWITCH = kind({
  name: 'distributed-switch',
  types: ['DistributedVirtualSwitch', 'VmwareDistributedVirtualSwitch'],
  specs: [SWITCH, FOLDER, DATACENTER],
  facts: placeOf,
});

/** Objects that are below no root folder. */
const beside = (name: KindName, type: string, list: NonNullable<Kind['list']>): Kind => ({
  ...kind({ name, types: [type], specs: [], facts: () => ({}) }),
  list,
});

/** The target itself, by its root folder, which is known without asking. */
const VCENTER = beside('vcenter', 'Folder', async ({ content: { rootFolder } }, { target }) => [
  { type: rootFolder.type, moref: rootFolder.value, name: target, facts: {} },
]);

/** What states of alarms refer to by reference alone. */
const ALARM = beside('alarm', 'Alarm', async (session, options) =>
  (await listAlarms(session, options)).map(({ moref, name, systemName }) => ({
    moref,
    name: decodeName(name),
    facts: { systemName },
  })),
);

/** Every kind there is. */
export const KINDS: readonly Kind[] = [
  HOST,
  VM,
  DATASTORE,
  DATASTORE_CLUSTER,
  CLUSTER,
  RESOURCE_POOL,
  PORTGROUP,
  DISTRIBUTED_SWITCH,
  VCENTER,
  ALARM,
];

export function findKind(name: KindName): Kind {
  const found = KINDS.find((one) => one.name === name);
  if (found === undefined) throw new TypeError(`no kind is called ${name}`);
  return found;
}
