import type { MetricRow } from './row.ts';
import { boolean, type Conversion, number, states } from './sources/conversions.ts';
import { optional, property } from './sources/property.ts';

const VM = { kind: 'vm', preset: 'vmware_exporter', privilege: 'System.Read', labels: [] } as const;
const MEBIBYTE = 2 ** 20;
const UNKNOWN = 'when vCenter has no configuration of the virtual machine, or it cannot be read';

/** ManagedEntityStatus, of the heartbeat of VMware Tools. */
const HEARTBEATS = ['green', 'yellow', 'red', 'gray'] as const;

/** That there is a text at all. */
const isThere: Conversion = { as: 'text', toPoints: () => [{ labels: [], value: 1 }], expected: 'text' };

/** `vmx-19`. */
const hardwareVersion: Conversion = {
  as: 'text',
  toPoints(value) {
    const [, version] = /^vmx-(\d{1,3})$/.exec(typeof value === 'string' ? value : '') ?? [];
    return version === undefined ? undefined : [{ labels: [], value: Number(version) }];
  },
  expected: 'vmx-<number>',
};

/**
 * What has to be known of a virtual machine before it hurts: what check tools such as vCheck and check-vmware look for.
 * Its connection to vCenter is among VMS, the number and age of its snapshots among SNAPSHOTS.
 */
export const VM_HYGIENE: readonly MetricRow[] = [
  {
    ...VM,
    name: 'vmware_vm_consolidation_needed',
    help: 'Whether disks have to be consolidated, because a removed snapshot left files',
    unit: 'boolean',
    source: property('runtime.consolidationNeeded', boolean),
    since: '5.0',
  },
  {
    ...VM,
    name: 'vmware_vm_question_pending',
    help: 'Whether the virtual machine stands still until somebody answers a question',
    unit: 'boolean',
    // By its id alone: the text has names, and nobody needs it twice.
    source: optional('runtime.question.id', isThere, [{ labels: [], value: 0 }]),
    since: '2.0',
    noSample: 'when it cannot be read',
  },
  {
    ...VM,
    name: 'vmware_vm_tools_installer_mounted',
    help: 'Whether the installer of VMware Tools is mounted, which prevents vMotion',
    unit: 'boolean',
    source: property('runtime.toolsInstallerMounted', boolean),
    since: '2.0',
  },
  {
    ...VM,
    name: 'vmware_vm_hardware_version',
    help: 'Version of the virtual hardware, 19 for vmx-19',
    unit: 'number',
    source: optional('config.version', hardwareVersion),
    since: '2.0',
    noSample: UNKNOWN,
  },
  {
    ...VM,
    name: 'vmware_vm_heartbeat_state',
    help: 'Heartbeat of VMware Tools, 1 for what it is and 0 for the others; gray without VMware Tools',
    unit: 'state',
    source: property('guestHeartbeatStatus', states(HEARTBEATS)),
    labels: ['state'],
    since: '2.0',
  },
  {
    ...VM,
    name: 'vmware_vm_ha_protected',
    help: 'Whether vSphere HA restarts the virtual machine when its host fails',
    unit: 'boolean',
    source: optional('runtime.dasVmProtection.dasProtected', boolean),
    since: '5.0',
    noSample: 'when it is powered off or in no cluster with vSphere HA; when it cannot be read',
  },
  {
    ...VM,
    name: 'vmware_vm_cpu_limit_mhz',
    help: 'Limit of the CPU usage, in MHz',
    unit: 'MHz',
    source: optional('config.cpuAllocation.limit', number()),
    since: '2.0',
    noSample: `while there is no limit; ${UNKNOWN}`,
  },
  {
    ...VM,
    name: 'vmware_vm_cpu_reservation_mhz',
    help: 'Reserved CPU, in MHz',
    unit: 'MHz',
    source: optional('config.cpuAllocation.reservation', number()),
    since: '2.0',
    noSample: UNKNOWN,
  },
  {
    ...VM,
    name: 'vmware_vm_memory_limit_bytes',
    help: 'Limit of the memory that the host gives, in bytes',
    unit: 'bytes',
    source: optional('config.memoryAllocation.limit', number(MEBIBYTE)),
    since: '2.0',
    noSample: `while there is no limit; ${UNKNOWN}`,
  },
  {
    ...VM,
    name: 'vmware_vm_memory_reservation_bytes',
    help: 'Reserved memory, in bytes',
    unit: 'bytes',
    source: optional('config.memoryAllocation.reservation', number(MEBIBYTE)),
    since: '2.0',
    noSample: UNKNOWN,
  },
];
