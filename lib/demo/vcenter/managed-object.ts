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

const ENTITY = ['name', 'parent', 'overallStatus', 'triggeredAlarmState', 'customValue'] as const;

const SWITCH = ['config.numPorts', 'config.maxPorts', 'config.productInfo.version'] as const;

const CAPACITY = [
  'summary.totalCpu',
  'summary.effectiveCpu',
  'summary.totalMemory',
  'summary.effectiveMemory',
  'summary.numHosts',
  'summary.numEffectiveHosts',
] as const;

const POOL = [
  'summary.quickStats.overallCpuUsage',
  'summary.quickStats.guestMemoryUsage',
  'summary.quickStats.hostMemoryUsage',
  'summary.quickStats.overheadMemory',
  'config.cpuAllocation.shares.shares',
  'config.cpuAllocation.limit',
  'config.cpuAllocation.reservation',
  'config.memoryAllocation.shares.shares',
  'config.memoryAllocation.limit',
  'config.memoryAllocation.reservation',
  'runtime.cpu.reservationUsed',
  'runtime.cpu.maxUsage',
  'runtime.memory.reservationUsed',
  'runtime.memory.maxUsage',
] as const;

const HYGIENE = [
  'summary.rebootRequired',
  'configIssue',
  'runtime.dasHostState.state',
  'complianceCheckState.state',
  'config.host',
  'config.certificate',
  'config.dateTimeInfo',
  'config.option["Syslog.global.logHost"].value',
  'config.option["ScratchConfig.CurrentScratchLocation"].value',
  'config.activeDiagnosticPartition.diagnosticType',
  'config.network.pnic',
  'config.multipathState.path',
  'config.storageDevice.scsiLun',
] as const;

const MACHINE_HYGIENE = [
  'runtime.consolidationNeeded',
  'runtime.toolsInstallerMounted',
  'runtime.question.id',
  'runtime.dasVmProtection.dasProtected',
  'guestHeartbeatStatus',
  'config.version',
  'config.cpuAllocation.limit',
  'config.cpuAllocation.reservation',
  'config.memoryAllocation.limit',
  'config.memoryAllocation.reservation',
  'layoutEx.file',
  'layoutEx.disk',
  'layoutEx.snapshot',
] as const;

const CLUSTER_HYGIENE = [
  'summary',
  'configuration.dasConfig.enabled',
  'configuration.dasConfig.hostMonitoring',
  'configuration.dasConfig.admissionControlEnabled',
  'configuration.dasConfig.failoverLevel',
  'configuration.drsConfig.enabled',
  'configuration.drsConfig.defaultVmBehavior',
  'drsFault',
  'configIssue',
] as const;

/** What may be asked of each type; anything else is an InvalidProperty fault, as in vCenter. */
/** @internal a test compares what they take with the vSphere API. */
export const PATHS: Readonly<Record<string, readonly string[]>> = {
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
    'configManager.dateTimeSystem',
    'configManager.serviceSystem',
    'configManager.vsanSystem',
    'hardware.cpuInfo.hz',
    'runtime.standbyMode',
    'runtime.bootTime',
    'runtime.healthSystemRuntime.systemHealthInfo.numericSensorInfo',
    'runtime.healthSystemRuntime.hardwareStatusInfo.cpuStatusInfo',
    'runtime.healthSystemRuntime.hardwareStatusInfo.memoryStatusInfo',
    'runtime.healthSystemRuntime.hardwareStatusInfo.storageStatusInfo',
    ...HYGIENE,
    'summary.config.product.version',
    'summary.config.product.build',
    'summary.hardware.model',
    'summary.hardware.cpuModel',
    'summary.hardware.numCpuCores',
    'summary.hardware.cpuMhz',
    'summary.hardware.memorySize',
    'summary.quickStats.uptime',
    'summary.quickStats.overallCpuUsage',
    'summary.quickStats.overallMemoryUsage',
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
    'runtime.bootTime',
    'runtime.maxCpuUsage',
    'summary.config.numCpu',
    'summary.config.memorySizeMB',
    'summary.config.template',
    'summary.config.instanceUuid',
    'summary.storage.committed',
    'summary.storage.uncommitted',
    'summary.storage.unshared',
    'summary.quickStats.overallCpuUsage',
    'summary.quickStats.guestMemoryUsage',
    'summary.quickStats.balloonedMemory',
    'summary.quickStats.swappedMemory',
    'guest.toolsStatus',
    'guest.toolsVersion',
    'guest.toolsVersionStatus2',
    'guest.toolsRunningStatus',
    'guest.hostName',
    'guest.ipAddress',
    'guest.disk',
    'guest.net',
    'snapshot.rootSnapshotList',
    ...MACHINE_HYGIENE,
  ],
  Datastore: [
    ...ENTITY,
    'info.url',
    'summary.url',
    'summary.accessible',
    'summary.capacity',
    'summary.freeSpace',
    'summary.uncommitted',
    'summary.maintenanceMode',
    'summary.type',
    'vm',
    'host',
  ],
  Network: [...ENTITY, 'vm', 'host'],
  DistributedVirtualPortgroup: [...ENTITY, 'key', 'config.distributedVirtualSwitch', 'config.numPorts'],
  DistributedVirtualSwitch: [...ENTITY, ...SWITCH],
  VmwareDistributedVirtualSwitch: [...ENTITY, ...SWITCH],
  StoragePod: [...ENTITY, 'summary.capacity', 'summary.freeSpace'],
  ResourcePool: [...ENTITY, 'owner', 'vm', ...POOL],
  VirtualApp: [...ENTITY, 'owner', 'vm', ...POOL],
  ComputeResource: [...ENTITY, 'host', 'resourcePool'],
  ClusterComputeResource: [...ENTITY, 'host', 'resourcePool', ...CAPACITY, ...CLUSTER_HYGIENE],
  Folder: ENTITY,
  Datacenter: ENTITY,
  Alarm: ['info.name', 'info.systemName', 'info.description'],
  PerformanceManager: ['perfCounter', 'historicalInterval'],
  EventManager: ['latestEvent'],
  TaskManager: ['recentTask'],
  LicenseManager: ['licenses', 'evaluation'],
  ScheduledTaskManager: ['scheduledTask'],
  ScheduledTask: ['info.name', 'info.enabled', 'info.state', 'info.nextRunTime'],
  Task: ['info.state', 'info.queueTime', 'info.startTime'],
  CustomFieldsManager: ['field'],
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
  VirtualApp: 'ResourcePool',
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
