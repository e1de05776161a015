import type { MoRef } from '../../vsphere/property/retrieved-object.ts';
import { moRefValue, value } from './property-xml.ts';

/** An object with the XML of each property that is set. */
export interface ManagedObject extends MoRef {
  /** Property path -> its `val` element. */
  readonly properties: ReadonlyMap<string, string>;
  /** Property paths, or beginnings of them, that nobody may read. */
  readonly unreadable: readonly string[];
  /** Where it stands in the inventory; managers and alarms stand nowhere. */
  readonly place?: { readonly name: string; readonly parent: MoRef };
}

export const ROOT_FOLDER: MoRef = { type: 'Folder', value: 'group-d1' };

const ENTITY = ['name', 'parent', 'overallStatus', 'triggeredAlarmState'] as const;

/** What may be asked of each type; anything else is an InvalidProperty fault, as in vCenter. */
const PATHS: Readonly<Record<string, readonly string[]>> = {
  HostSystem: [
    ...ENTITY,
    'runtime.connectionState',
    'runtime.powerState',
    'runtime.inMaintenanceMode',
    'config.lockdownMode',
    'config.option',
    'config.service',
    'config.service.service',
    'config.service.service["TSM-SSH"].running',
    'config.virtualNicManagerInfo.netConfig',
    'configManager.serviceSystem',
    'configManager.vsanSystem',
    'hardware.cpuInfo.hz',
    'vm',
    'datastore',
    'network',
  ],
  HostServiceSystem: ['serviceInfo'],
  VirtualMachine: [
    ...ENTITY,
    'runtime.powerState',
    'runtime.connectionState',
    'runtime.host',
    'resourcePool',
    'datastore',
    'network',
    'config.uuid',
    'summary.config.vmPathName',
    'config.instanceUuid',
    'config.hardware.numCPU',
    'config.hardware.numCoresPerSocket',
    'summary.quickStats.overallCpuUsage',
    'guest.toolsRunningStatus',
    'guest.hostName',
    'guest.ipAddress',
    'guest.disk',
    'guest.net',
    'snapshot.rootSnapshotList',
  ],
  Datastore: [
    ...ENTITY,
    'info.url',
    'summary.url',
    'summary.accessible',
    'summary.capacity',
    'summary.freeSpace',
    'vm',
    'host',
  ],
  Network: [...ENTITY, 'vm', 'host'],
  DistributedVirtualPortgroup: [...ENTITY, 'key', 'config.distributedVirtualSwitch'],
  DistributedVirtualSwitch: ENTITY,
  ResourcePool: [...ENTITY, 'owner', 'vm'],
  ComputeResource: [...ENTITY, 'host', 'resourcePool'],
  ClusterComputeResource: [...ENTITY, 'host', 'resourcePool'],
  Folder: ENTITY,
  Datacenter: ENTITY,
  Alarm: ['info.name', 'info.description'],
  PerformanceManager: ['perfCounter', 'historicalInterval'],
  EventManager: ['latestEvent'],
  GuestOperationsManager: ['processManager'],
  SessionManager: ['currentSession', 'sessionList'],
};

export function isKnownPath(type: string, path: string): boolean {
  return PATHS[type]?.includes(path) ?? false;
}

/** The types of the inventory that inherit from another one of it. */
const BASES: Readonly<Record<string, string>> = {
  ClusterComputeResource: 'ComputeResource',
  StoragePod: 'Folder',
  DistributedVirtualPortgroup: 'Network',
  VmwareDistributedVirtualSwitch: 'DistributedVirtualSwitch',
};

export function isOfType(object: MoRef, type: string): boolean {
  return object.type === type || BASES[object.type] === type;
}

/** An object of the inventory. Names are written as vSphere writes them. */
export function toEntity(
  { type, value: id }: MoRef,
  { name, parent }: { name: string; parent: MoRef },
  properties: Iterable<readonly [string, string]> = [],
): ManagedObject {
  const encoded = name.replace(/[%/\\]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
  return {
    type,
    value: id,
    unreadable: [],
    place: { name: encoded, parent },
    properties: new Map([
      ['name', value('xsd:string', encoded)],
      ['parent', moRefValue(parent)],
      ...properties,
    ]),
  };
}
