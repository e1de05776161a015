import type { MoRef } from '../../vsphere/property/retrieved-object.ts';
import { textElement } from '../../vsphere/soap/soap-request.ts';
import { toCapacity, toPoolUsage } from './compute-capacity.ts';
import type { DemoVcenterHost } from './demo-host.ts';
import type { DemoAlarm, DemoCustomField, DemoDistributedSwitch, DemoEstate } from './estate.ts';
import { toClusterHygiene } from './estate-hygiene.ts';
import {
  toAlarm,
  toAlarmState,
  toDatastore,
  toDatastoreRef,
  toNetworkRef,
  toVirtualMachine,
  toVirtualMachineRef,
} from './estate-objects.ts';
import { toHost, toServiceSystem } from './host-object.ts';
import { type ManagedObject, ROOT_FOLDER, toEntity } from './managed-object.ts';
import { element, moRefsValue, moRefValue, value } from './property-xml.ts';

/** Of a portgroup. */
const PORTS = 8;

type Objects = Map<string, ManagedObject>;

/** What stands above and beside a host. */
interface HostPlace {
  readonly compute: MoRef;
  readonly resourcePool: MoRef;
  readonly folderOf: (kind: keyof typeof FOLDERS) => MoRef;
}

/** The folders of a datacenter: the id that vCenter gives them, and their name. */
const FOLDERS = {
  host: 'group-h',
  vm: 'group-v',
  datastore: 'group-s',
  network: 'group-n',
} as const;

/** The root folder and everything below it, and the definitions of alarms; hosts in their order. */
export function toInventory(
  hosts: readonly DemoVcenterHost[],
  estate: DemoEstate,
): ReadonlyMap<string, ManagedObject> {
  const objects: Objects = new Map([[ROOT_FOLDER.value, toRootFolder()]]);
  const inside = createPlaces(objects);
  const places = new Map(hosts.map((host) => [host.moref, toHostPlace(host, inside)]));
  const on = (host: string) => estate.virtualMachines.filter((vm) => vm.host === host);
  for (const host of hosts) {
    const ofDatacenter = ({ datacenter }: { datacenter: string }) => datacenter === host.datacenter;
    const found = toHost(host, places.get(host.moref)?.compute ?? ROOT_FOLDER, {
      virtualMachines: on(host.moref).map(({ moref }) => toVirtualMachineRef(moref)),
      datastores: estate.datastores.filter(ofDatacenter).map(({ moref }) => toDatastoreRef(moref)),
      networks: estate.networks.filter(ofDatacenter).map(({ moref }) => toNetworkRef(moref)),
    });
    objects.set(host.moref, found);
    const services = toServiceSystem(host);
    objects.set(services.value, services);
  }
  addEstate(objects, { hosts, estate, places, inside });
  addMembers(objects, estate);
  addAlarms(objects, estate.alarms);
  addCustomValues(objects, estate.customFields ?? []);
  return objects;
}

function toRootFolder(): ManagedObject {
  const name = value('xsd:string', 'Datacenters');
  return { ...ROOT_FOLDER, unreadable: [], properties: new Map([['name', name]]) };
}

type Inside = (parent: MoRef, object: { type: string; id: string; name: string }) => MoRef;

/** Adds an object the first time that something stands below it. */
function createPlaces(objects: Objects): Inside {
  const ids = new Map<string, string>();
  return (parent, { type, id, name }) => {
    const key = `${parent.value}/${type}/${name}`;
    const object = { type, value: ids.get(key) ?? `${id}${ids.size + 1}` };
    if (!ids.has(key)) objects.set(object.value, toEntity(object, { name, parent }));
    ids.set(key, object.value);
    return object;
  };
}

function toHostPlace({ name, datacenter, cluster }: DemoVcenterHost, inside: Inside): HostPlace {
  const folderOf = foldersOf(datacenter, inside);
  const compute =
    cluster === ''
      ? inside(folderOf('host'), { type: 'ComputeResource', id: 'domain-s', name })
      : inside(folderOf('host'), { type: 'ClusterComputeResource', id: 'domain-c', name: cluster });
  const resourcePool = inside(compute, { type: 'ResourcePool', id: 'resgroup-', name: 'Resources' });
  return { compute, resourcePool, folderOf };
}

function foldersOf(datacenter: string, inside: Inside): HostPlace['folderOf'] {
  const above = inside(ROOT_FOLDER, { type: 'Datacenter', id: 'datacenter-', name: datacenter });
  return (kind) => inside(above, { type: 'Folder', id: FOLDERS[kind], name: kind });
}

function addEstate(
  objects: Objects,
  options: {
    hosts: readonly DemoVcenterHost[];
    estate: DemoEstate;
    places: ReadonlyMap<string, HostPlace>;
    inside: Inside;
  },
): void {
  const { hosts, estate, places, inside } = options;
  const hostsOf = (place: { datacenter: string }) =>
    hosts
      .filter(({ datacenter }) => datacenter === place.datacenter)
      .map(({ moref }) => ({ type: 'HostSystem', value: moref }));
  for (const vm of estate.virtualMachines) {
    const place = places.get(vm.host);
    const folder = place?.folderOf('vm') ?? ROOT_FOLDER;
    const root = place?.resourcePool ?? ROOT_FOLDER;
    const resourcePool =
      vm.virtualApp === undefined
        ? root
        : inside(root, { type: 'VirtualApp', id: 'resgroup-v', name: vm.virtualApp });
    const datastore = estate.datastores.find(({ moref }) => moref === vm.datastores[0])?.name ?? '';
    objects.set(vm.moref, toVirtualMachine(vm, { folder, resourcePool, datastore }));
  }
  for (const { moref, name, datacenter } of estate.datastoreClusters) {
    const place = { name, parent: foldersOf(datacenter, inside)('datastore') };
    const members = estate.datastores.filter((store) => store.datastoreCluster === moref);
    const sum = (of: 'capacity' | 'freeSpace') => members.reduce((all, one) => all + one[of], 0);
    const space: [string, string][] = [
      ['summary.capacity', value('xsd:long', sum('capacity'))],
      ['summary.freeSpace', value('xsd:long', sum('freeSpace'))],
    ];
    objects.set(moref, toEntity({ type: 'StoragePod', value: moref }, place, space));
  }
  for (const one of estate.distributedSwitches) addDistributedSwitch(objects, one, inside);
  for (const store of estate.datastores) {
    const users = estate.virtualMachines.filter(({ datastores }) => datastores.includes(store.moref));
    const virtualMachines = users.map(({ moref }) => toVirtualMachineRef(moref));
    const folder =
      store.datastoreCluster === undefined
        ? foldersOf(store.datacenter, inside)('datastore')
        : { type: 'StoragePod', value: store.datastoreCluster };
    objects.set(store.moref, toDatastore(store, { folder, virtualMachines, hosts: hostsOf(store) }));
  }
  for (const network of estate.networks) {
    const users = estate.virtualMachines.filter(({ networks }) => networks.includes(network.moref));
    const place = { name: network.name, parent: foldersOf(network.datacenter, inside)('network') };
    const properties: [string, string][] = [
      ['overallStatus', value('ManagedEntityStatus', 'green')],
      ['vm', moRefsValue(users.map(({ moref }) => toVirtualMachineRef(moref)))],
      ['host', moRefsValue(hostsOf(network))],
    ];
    objects.set(network.moref, toEntity(toNetworkRef(network.moref), place, properties));
  }
}

function addDistributedSwitch(
  objects: Objects,
  { moref, name, datacenter, portgroups }: DemoDistributedSwitch,
  inside: Inside,
): void {
  const parent = foldersOf(datacenter, inside)('network');
  const itself = { type: 'VmwareDistributedVirtualSwitch', value: moref };
  const config: [string, string][] = [
    ['config.numPorts', value('xsd:int', portgroups.length * PORTS)],
    ['config.maxPorts', value('xsd:int', 2 ** 31 - 1)],
    ['config.productInfo.version', value('xsd:string', '8.0.0')],
  ];
  objects.set(moref, toEntity(itself, { name, parent }, config));
  for (const group of portgroups) {
    const portgroup = { type: 'DistributedVirtualPortgroup', value: group.moref };
    const properties: [string, string][] = [
      ['key', value('xsd:string', group.moref)],
      ['config.distributedVirtualSwitch', moRefValue(itself)],
      ['config.numPorts', value('xsd:int', PORTS)],
    ];
    objects.set(group.moref, toEntity(portgroup, { name: group.name, parent }, properties));
  }
}

/** The references that point downwards: hosts and virtual machines of compute resources and resource pools. */
function addMembers(objects: Objects, { virtualMachines }: DemoEstate): void {
  const all = [...objects.values()];
  const below = (parent: MoRef, type: string) =>
    all.filter((one) => one.type === type && one.place?.parent.value === parent.value);
  for (const compute of all.filter(({ type }) => type.endsWith('ComputeResource'))) {
    const hosts = below(compute, 'HostSystem');
    const running = virtualMachines.filter(({ host }) => hosts.some((one) => one.value === host));
    add(objects, compute, 'host', moRefsValue(hosts));
    const capacity = toCapacity(hosts);
    const hygiene =
      compute.type === 'ClusterComputeResource' ? toClusterHygiene(isOutOfOrder(compute), capacity) : [];
    for (const [path, xml] of [...capacity, ...hygiene]) add(objects, compute, path, xml);
    for (const pool of below(compute, 'ResourcePool')) {
      add(objects, compute, 'resourcePool', moRefValue(pool));
      add(objects, pool, 'owner', moRefValue(compute));
      for (const [path, xml] of toPoolUsage(hosts.length)) add(objects, pool, path, xml);
      add(objects, pool, 'vm', moRefsValue(running.map(({ moref }) => toVirtualMachineRef(moref))));
      for (const virtualApp of below(pool, 'VirtualApp')) {
        add(objects, virtualApp, 'owner', moRefValue(compute));
        for (const [path, xml] of toPoolUsage(hosts.length)) add(objects, virtualApp, path, xml);
      }
    }
  }
}

/** One cluster of the demo. */
const isOutOfOrder = ({ place }: ManagedObject): boolean => place?.name === 'cluster-3';

/** An alarm shows on its entity and on all that stand above it, up to the root folder. */
function addAlarms(objects: Objects, alarms: readonly DemoAlarm[]): void {
  const states = new Map<string, string>();
  for (const alarm of alarms) {
    objects.set(alarm.alarm, toAlarm(alarm));
    const entity = objects.get(alarm.entity);
    if (entity === undefined) continue;
    const state = toAlarmState(alarm, entity);
    for (let next: string | undefined = entity.value; next !== undefined; ) {
      states.set(next, (states.get(next) ?? '') + state);
      next = objects.get(next)?.place?.parent.value;
    }
  }
  for (const object of [...objects.values()]) {
    if (object.type === 'Alarm') continue;
    add(
      objects,
      object,
      'triggeredAlarmState',
      element('val', 'ArrayOfAlarmState', states.get(object.value) ?? ''),
    );
  }
}

function addCustomValues(objects: Objects, fields: readonly DemoCustomField[]): void {
  const values = fields.flatMap(({ key, values }) =>
    Object.entries(values).map(([moref, text]) => ({ moref, key, text })),
  );
  for (const [moref, ofObject] of Map.groupBy(values, (one) => one.moref)) {
    const object = objects.get(moref);
    const items = ofObject.map(({ key, text }) =>
      element(
        'CustomFieldValue',
        'CustomFieldStringValue',
        textElement('key', String(key)) + textElement('value', text),
      ),
    );
    if (object !== undefined)
      add(objects, object, 'customValue', element('val', 'ArrayOfCustomFieldValue', items.join('')));
  }
}

function add(objects: Objects, { value: id }: MoRef, path: string, xml: string): void {
  const object = objects.get(id);
  if (object !== undefined) {
    objects.set(id, { ...object, properties: new Map(object.properties).set(path, xml) });
  }
}
