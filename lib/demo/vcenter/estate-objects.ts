import type { MoRef } from '../../vsphere/property/retrieved-object.ts';
import { reference, textElement } from '../../vsphere/soap/soap-request.ts';
import type { DemoAlarm, DemoDatastore, DemoGuest, DemoSnapshot, DemoVirtualMachine } from './estate.ts';
import { toMachineHygiene } from './estate-hygiene.ts';
import { type ManagedObject, toEntity } from './managed-object.ts';
import { element, moRefsValue, moRefValue, value } from './property-xml.ts';

const GIBIBYTE = 2 ** 30;

const ref = (type: string) => (id: string) => ({ type, value: id });

export const toVirtualMachineRef = ref('VirtualMachine');
export const toDatastoreRef = ref('Datastore');
export const toNetworkRef = ref('Network');

export function toVirtualMachine(
  vm: DemoVirtualMachine,
  { folder, resourcePool, datastore }: { folder: MoRef; resourcePool: MoRef; datastore: string },
): ManagedObject {
  const self = toVirtualMachineRef(vm.moref);
  const toolsStatus = vm.guest === undefined ? 'guestToolsNotRunning' : 'guestToolsRunning';
  const snapshots = vm.snapshots.map((one) => toSnapshotTree('VirtualMachineSnapshotTree', one, vm));
  return toEntity(self, { name: vm.name, parent: folder }, [
    ['overallStatus', value('ManagedEntityStatus', 'green')],
    ['runtime.powerState', value('VirtualMachinePowerState', vm.powerState)],
    ['runtime.connectionState', value('VirtualMachineConnectionState', vm.connectionState ?? 'connected')],
    ['runtime.host', moRefValue({ type: 'HostSystem', value: vm.host })],
    ['resourcePool', moRefValue(resourcePool)],
    ['datastore', moRefsValue(vm.datastores.map(toDatastoreRef))],
    ['network', moRefsValue(vm.networks.map(toNetworkRef))],
    ['summary.config.vmPathName', value('xsd:string', `[${datastore}] ${vm.name}/${vm.name}.vmx`)],
    ['config.uuid', value('xsd:string', vm.uuid)],
    ['config.instanceUuid', value('xsd:string', vm.instanceUuid)],
    ['config.hardware.numCPU', value('xsd:int', 4)],
    ['config.hardware.numCoresPerSocket', value('xsd:int', 2)],
    ['summary.config.numCpu', value('xsd:int', 4)],
    ['summary.config.memorySizeMB', value('xsd:int', 8_192)],
    ['summary.config.template', value('xsd:boolean', false)],
    ['summary.storage.committed', value('xsd:long', 40 * GIBIBYTE)],
    ['summary.storage.uncommitted', value('xsd:long', 100 * GIBIBYTE)],
    ['summary.storage.unshared', value('xsd:long', 40 * GIBIBYTE)],
    ['runtime.maxCpuUsage', value('xsd:int', 9_600)],
    ...(vm.powerState === 'poweredOn'
      ? [['runtime.bootTime', value('xsd:dateTime', '2026-01-02T08:30:00.5Z')] as const]
      : []),
    [
      'guest.toolsStatus',
      value('VirtualMachineToolsStatus', vm.guest === undefined ? 'toolsNotRunning' : 'toolsOk'),
    ],
    ['guest.toolsVersion', value('xsd:string', '12389')],
    ['guest.toolsVersionStatus2', value('xsd:string', 'guestToolsCurrent')],
    ['summary.quickStats.overallCpuUsage', value('xsd:int', vm.powerState === 'poweredOn' ? 480 : 0)],
    ['summary.quickStats.guestMemoryUsage', value('xsd:int', vm.powerState === 'poweredOn' ? 1_024 : 0)],
    ['summary.quickStats.balloonedMemory', value('xsd:int', 0)],
    ['summary.quickStats.swappedMemory', value('xsd:int', 0)],
    ['summary.config.instanceUuid', value('xsd:string', vm.instanceUuid)],
    ['guest.toolsRunningStatus', value('xsd:string', toolsStatus)],
    ...guestProperties(vm.guest),
    ...toMachineHygiene(vm),
    ...(snapshots.length === 0
      ? []
      : [
          [
            'snapshot.rootSnapshotList',
            element('val', 'ArrayOfVirtualMachineSnapshotTree', snapshots.join('')),
          ] as const,
        ]),
  ]);
}

function guestProperties(guest: DemoGuest | undefined): readonly (readonly [string, string])[] {
  if (guest === undefined) return [];
  const disks = guest.disks.map(
    ({ path, capacity, freeSpace }) =>
      `<GuestDiskInfo>${textElement('diskPath', path)}${textElement('capacity', String(capacity))}` +
      `${textElement('freeSpace', String(freeSpace))}</GuestDiskInfo>`,
  );
  const nic =
    `<GuestNicInfo><network>VM Network</network>${textElement('ipAddress', guest.ipAddress)}` +
    '<macAddress>00:50:56:00:00:01</macAddress><connected>true</connected><deviceConfigId>4000</deviceConfigId></GuestNicInfo>';
  return [
    ['guest.hostName', value('xsd:string', guest.hostName)],
    ['guest.ipAddress', value('xsd:string', guest.ipAddress)],
    ['guest.disk', element('val', 'ArrayOfGuestDiskInfo', disks.join(''))],
    ['guest.net', element('val', 'ArrayOfGuestNicInfo', nic)],
  ];
}

function toSnapshotTree(name: string, snapshot: DemoSnapshot, vm: DemoVirtualMachine): string {
  const children = snapshot.children.map((one) => toSnapshotTree('childSnapshotList', one, vm));
  return (
    `<${name}>${reference('snapshot', { type: 'VirtualMachineSnapshot', value: snapshot.moref })}` +
    reference('vm', toVirtualMachineRef(vm.moref)) +
    textElement('name', snapshot.name) +
    textElement('description', snapshot.description) +
    textElement('id', String(snapshot.id)) +
    textElement('createTime', snapshot.createTime) +
    `<state>poweredOff</state>${textElement('quiesced', String(snapshot.quiesced))}` +
    `${children.join('')}<replaySupported>false</replaySupported></${name}>`
  );
}

export function toDatastore(
  store: DemoDatastore,
  at: { folder: MoRef; virtualMachines: readonly MoRef[]; hosts: readonly MoRef[] },
): ManagedObject {
  return toEntity(toDatastoreRef(store.moref), { name: store.name, parent: at.folder }, [
    ['overallStatus', value('ManagedEntityStatus', 'green')],
    ['info.url', value('xsd:string', store.url)],
    ['summary.url', value('xsd:string', store.url)],
    ['summary.accessible', value('xsd:boolean', !store.isInaccessible)],
    ['summary.capacity', value('xsd:long', store.capacity)],
    ['summary.freeSpace', value('xsd:long', store.freeSpace)],
    ['summary.uncommitted', value('xsd:long', store.uncommitted ?? store.capacity / 8)],
    ['summary.maintenanceMode', value('xsd:string', 'normal')],
    ['summary.type', value('xsd:string', 'VMFS')],
    ['vm', moRefsValue(at.virtualMachines)],
    ['host', moRefsValue(at.hosts)],
  ]);
}

/** The definition of an alarm. */
export function toAlarm({ alarm, name, systemName }: DemoAlarm): ManagedObject {
  return {
    type: 'Alarm',
    value: alarm,
    unreadable: [],
    properties: new Map([
      ['info.name', value('xsd:string', name)],
      ['info.description', value('xsd:string', `${name}, of the demo`)],
      ...(systemName === undefined
        ? []
        : [['info.systemName', value('xsd:string', systemName)] satisfies [string, string]]),
    ]),
  };
}

/** An AlarmState, as every entity shows it that stands above the alarmed one. */
export function toAlarmState(alarm: DemoAlarm, entity: MoRef): string {
  const acknowledged = alarm.acknowledgedBy !== undefined;
  return (
    `<AlarmState>${textElement('key', `${alarm.alarm}.${entity.value}`)}${reference('entity', entity)}` +
    reference('alarm', { type: 'Alarm', value: alarm.alarm }) +
    textElement('overallStatus', alarm.status) +
    textElement('time', alarm.time) +
    textElement('acknowledged', String(acknowledged)) +
    (acknowledged ? textElement('acknowledgedByUser', alarm.acknowledgedBy) : '') +
    '<eventKey>0</eventKey></AlarmState>'
  );
}
