import type { NamedItem } from '../../../lib/catalogue/presets.ts';
import type { Facts, KindName } from '../../../lib/inventory/kind.ts';
import type { PropertyValue } from '../../../lib/vsphere/property/retrieved-object.ts';
import { CLUSTER_COUNTERS, DATASTORE_COUNTERS, VM_COUNTERS } from './golden-counters.ts';
import { GOLDEN_HOSTS } from './golden-hosts.ts';
import { type HostSubject, itemOf, retrieved } from './subjects.ts';

const subject = (
  kind: KindName,
  [name, facts]: [string, Facts],
  properties: Record<string, PropertyValue>,
): HostSubject => {
  const item: NamedItem = { ...itemOf(name), facts };
  return { kind, item, object: retrieved(properties) };
};

const state = (
  alarm: string,
  entity: { type: string; value: string },
  overallStatus: string,
  ...acknowledged: boolean[]
) => ({
  key: `${alarm}.${entity.value}`,
  alarm: { type: 'Alarm', value: alarm },
  entity,
  overallStatus,
  time: '2026-01-04T10:00:00Z',
  ...(acknowledged[0] === undefined ? {} : { acknowledged: acknowledged[0] }),
});
const WEB01 = { type: 'VirtualMachine', value: 'vm-1' };
const ALARMS_OF_WEB01 = [
  state('alarm-6', WEB01, 'red', false),
  state('alarm-7', WEB01, 'yellow', true),
  state('alarm-6', WEB01, 'gray'),
  state('alarm-9', WEB01, 'red'),
];

const PLACE: Facts = { datacenter: 'dc1', cluster: 'prod', host: 'esx01.example.org' };
const snapshot = (name: string, createTime: string, ...childSnapshotList: PropertyValue[]) => ({
  snapshot: { type: 'VirtualMachineSnapshot', value: `snapshot-${name}` },
  vm: { type: 'VirtualMachine', value: 'vm-1' },
  name,
  createTime,
  childSnapshotList,
});
const MACHINE: Record<string, PropertyValue> = {
  'runtime.powerState': 'poweredOn',
  'runtime.connectionState': 'connected',
  'runtime.bootTime': '2026-01-03T00:00:00Z',
  'runtime.maxCpuUsage': 9_600,
  'summary.config.numCpu': 4,
  'summary.config.memorySizeMB': 8_192,
  'summary.config.template': false,
  'summary.storage.committed': 53_687_091_200,
  'summary.storage.uncommitted': 10_737_418_240,
  'summary.storage.unshared': 53_687_091_200,
  'summary.quickStats.overallCpuUsage': 1_200,
  'summary.quickStats.guestMemoryUsage': 2_048,
  'summary.quickStats.balloonedMemory': 16,
  'summary.quickStats.swappedMemory': 4,
};

const IN_POOL: Facts = {
  resourcePool: 'gold',
  poolPath: '/dc1/host/prod/Resources/gold',
  virtualApp: '',
  instanceUuid: '5021a7e6-0001-4000-8000-000000000001',
};

const MACHINES: readonly HostSubject[] = [
  subject('vm', ['web01', { ...PLACE, ...IN_POOL, datastore: 'fast01' }], {
    ...MACHINE,
    triggeredAlarmState: ALARMS_OF_WEB01,
    'guest.disk': [
      { diskPath: '/', capacity: 42_949_672_960, freeSpace: 10_737_418_240 },
      { diskPath: 'C:\\', capacity: 107_374_182_400, freeSpace: 64_424_509_440 },
      // A file system whose size the guest does not tell.
      { diskPath: '/mnt' },
    ],
    'guest.toolsStatus': 'toolsOk',
    'guest.toolsVersion': '12389',
    'guest.toolsVersionStatus2': 'guestToolsCurrent',
    'snapshot.rootSnapshotList': [
      snapshot('before%2fpatch', '2026-01-04T10:00:00.5Z', snapshot('after', '2026-01-04T11:00:00Z')),
    ],
  }),
  subject('vm', ['old01', { ...PLACE, cluster: '', datastore: 'slow01' }], {
    ...MACHINE,
    'runtime.powerState': 'poweredOff',
    'summary.config.template': true,
  }),
  subject(
    'vm',
    [
      'shop01',
      {
        ...PLACE,
        resourcePool: 'shop',
        virtualApp: 'shop',
        poolPath: '/dc1/host/prod/Resources/shop',
        instanceUuid: '5021a7e6-0002-4000-8000-000000000002',
      },
    ],
    // A thick disk, and a guest that is off.
    {
      ...MACHINE,
      'runtime.powerState': 'suspended',
      'summary.storage.uncommitted': 0,
      'summary.quickStats.guestMemoryUsage': 0,
    },
  ),
  subject('vm', ['lost01', {}], {
    'runtime.powerState': 'poweredOff',
    'runtime.connectionState': 'orphaned',
    'runtime.maxCpuUsage': -1,
    'summary.config.template': false,
  }),
];

const DATASTORES: readonly HostSubject[] = [
  subject('datastore', ['fast01', { datacenter: 'dc1', datastoreCluster: 'fast' }], {
    'summary.capacity': 1_099_511_627_776,
    'summary.freeSpace': 274_877_906_944,
    'summary.uncommitted': 549_755_813_888,
    'summary.maintenanceMode': 'normal',
    'summary.type': 'VMFS',
    'summary.accessible': true,
    host: [
      { key: { type: 'HostSystem', value: 'host-1' } },
      { key: { type: 'HostSystem', value: 'host-2' } },
    ],
    vm: [{ type: 'VirtualMachine', value: 'vm-1' }],
  }),
  subject('datastore', ['slow01', { datacenter: 'dc1', datastoreCluster: '' }], {
    // Beyond what a JavaScript number holds exactly: it comes as its digits.
    'summary.capacity': '9223372036854775807',
    'summary.freeSpace': 0,
    'summary.type': 'NFS',
    'summary.accessible': false,
  }),
  subject('datastore-cluster', ['fast', { datacenter: 'dc1' }], {
    'summary.capacity': 2_199_023_255_552,
    'summary.freeSpace': 549_755_813_888,
  }),
];

const COMPUTE: readonly HostSubject[] = [
  subject('cluster', ['prod', { datacenter: 'dc1' }], {
    'summary.totalCpu': 153_600,
    'summary.effectiveCpu': 140_000,
    'summary.totalMemory': 549_755_813_888,
    'summary.effectiveMemory': 500_000,
    'summary.numHosts': 3,
    'summary.numEffectiveHosts': 2,
  }),
  subject(
    'resource-pool',
    [
      'Resources',
      {
        datacenter: 'dc1',
        cluster: 'prod',
        host: '',
        resourcePool: '',
        poolPath: '/dc1/host/prod/Resources',
        virtualApp: '',
      },
    ],
    {
      'summary.quickStats.overallCpuUsage': 2_000,
      'summary.quickStats.guestMemoryUsage': 1_024,
      'summary.quickStats.hostMemoryUsage': 4_096,
      'summary.quickStats.overheadMemory': 128,
      'config.cpuAllocation.shares.shares': 4_000,
      'config.cpuAllocation.limit': -1,
      'config.cpuAllocation.reservation': 1_000,
      'config.memoryAllocation.shares.shares': 163_840,
      'config.memoryAllocation.limit': 8_192,
      'config.memoryAllocation.reservation': 0,
      'runtime.cpu.reservationUsed': 500,
      'runtime.cpu.maxUsage': 140_000,
      'runtime.memory.reservationUsed': 1_073_741_824,
      'runtime.memory.maxUsage': 524_288_000_000,
    },
  ),
  subject(
    'resource-pool',
    ['gold', { datacenter: 'dc1', cluster: '', host: 'esx09.', resourcePool: 'Resources' }],
    {
      'config.cpuAllocation.limit': 5_000,
      'runtime.cpu.reservationUsed': 0,
      'runtime.cpu.maxUsage': 5_000,
      'runtime.memory.reservationUsed': 0,
      'runtime.memory.maxUsage': 1_048_576,
    },
  ),
];

const ROOT_FOLDER = { ...retrieved({}).moref, type: 'Folder' };
const VCENTER: readonly HostSubject[] = [
  subject('vcenter', ['vc01.example.org', {}], {
    triggeredAlarmState: [
      ...ALARMS_OF_WEB01,
      state('alarm-7', { type: 'Datastore', value: 'datastore-1' }, 'yellow'),
      state('alarm-8', ROOT_FOLDER, 'red'),
      state('alarm-8', { type: 'Datacenter', value: 'datacenter-2' }, 'red'),
    ],
  }),
];

/** What labels refer to, by reference. The definition of alarm-9 is gone. */
export const GOLDEN_REFERENCES: ReadonlyMap<string, NamedItem> = new Map(
  (
    [
      ['alarm-6', 'Virtual machine error', { systemName: 'alarm.VmErrorAlarm' }],
      ['alarm-7', 'Of our own, "new"', { systemName: '' }],
      ['alarm-8', 'Appliance health', { systemName: 'alarm.ApplianceHealth' }],
      ['vm-1', 'web01', PLACE],
      ['datastore-1', 'fast01', { datacenter: 'dc1' }],
      ['5eed0001-1', 'fast01', { datacenter: 'dc1' }],
      [ROOT_FOLDER.value, 'vc01.example.org', {}],
    ] satisfies [string, string, Facts][]
  ).map(([moref, name, facts]) => [moref, { ...itemOf(name), facts }]),
);

const VIRTUAL_APP = subject(
  'resource-pool',
  [
    'shop',
    {
      datacenter: 'dc1',
      cluster: 'prod',
      host: '',
      resourcePool: 'Resources',
      poolPath: '/dc1/host/prod/Resources/shop',
      virtualApp: 'shop',
    },
  ],
  {
    'summary.quickStats.overallCpuUsage': 100,
    'config.cpuAllocation.shares.shares': 1_000,
    'runtime.cpu.reservationUsed': 0,
    'runtime.cpu.maxUsage': 5_000,
    'runtime.memory.reservationUsed': 0,
    'runtime.memory.maxUsage': 1_048_576,
  },
);

const NETWORKS: readonly HostSubject[] = [
  subject('portgroup', ['storage', { datacenter: 'dc1', distributedSwitch: 'dvs01' }], {
    'config.numPorts': 8,
  }),
  subject('distributed-switch', ['dvs01', { datacenter: 'dc1' }], {
    'config.numPorts': 24,
    'config.maxPorts': 2_147_483_647,
    'config.productInfo.version': '8.0.0',
  }),
];

/** The objects of the golden files; what they do not have is no sample there. */
/** Tags and custom attributes of some objects, by their names. */
const LABELLED: Readonly<Record<string, Pick<HostSubject, 'tags' | 'customAttributes'>>> = {
  web01: {
    tags: [
      { category: 'Owner', tag: 'ops' },
      { category: 'Tier', tag: 'gold' },
    ],
    customAttributes: [
      { attribute: 'Cost centre', value: '4711' },
      { attribute: 'Contact', value: 'Ann "A" O\'Hara\n2nd floor' },
    ],
  },
  old01: { tags: [], customAttributes: [] },
  fast01: {
    tags: [{ category: 'Tier', tag: 'gold' }],
    customAttributes: [{ attribute: 'Array', value: 'a1' }],
  },
  prod: {
    tags: [{ category: 'Site', tag: 'north' }],
    customAttributes: [{ attribute: 'Contact', value: 'ops' }],
  },
};

export const GOLDEN_OBJECTS: readonly HostSubject[] = [
  ...GOLDEN_HOSTS,
  ...MACHINES.map((one) => (one.item.name === 'web01' ? { ...one, counters: VM_COUNTERS } : one)),
  ...DATASTORES.map((one) => (one.item.name === 'fast01' ? { ...one, historical: DATASTORE_COUNTERS } : one)),
  ...COMPUTE.map((one) => (one.item.name === 'prod' ? { ...one, historical: CLUSTER_COUNTERS } : one)),
  VIRTUAL_APP,
  ...NETWORKS,
  ...VCENTER,
].map((one) => ({ ...one, ...LABELLED[one.item.name] }));
