import type { NamedItem } from '../../../lib/catalogue/presets.ts';
import type { CallAnswer } from '../../../lib/catalogue/sources/call.ts';
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

const file = (key: number, type: string, size: number | string) => ({ key, name: `f${key}`, type, size });
const disk = (key: number, ...chain: number[][]) => ({ key, chain: chain.map((fileKey) => ({ fileKey })) });
/** A linked clone on disks 1 and 2 with two snapshots, the second one of them with memory; a disk that came later. */
const LAYOUT: Record<string, PropertyValue> = {
  'layoutEx.file': [
    file(1, 'diskExtent', 100_000),
    file(2, 'diskExtent', 10_000),
    file(3, 'diskExtent', 1_000),
    file(4, 'diskExtent', '200'),
    file(5, 'snapshotData', 30),
    file(6, 'snapshotData', 4),
    file(7, 'snapshotMemory', 5_000_000),
    file(8, 'diskExtent', 600_000),
    file(9, 'diskExtent', 70_000_000),
  ],
  'layoutEx.disk': [disk(2000, [1], [2], [3], [4]), disk(2001, [8], [9]), disk(2002, [9])],
  'layoutEx.snapshot': [
    {
      key: { type: 'VirtualMachineSnapshot', value: 's-1' },
      dataKey: 5,
      memoryKey: -1,
      disk: [disk(2000, [1], [2])],
    },
    {
      key: { type: 'VirtualMachineSnapshot', value: 's-2' },
      dataKey: 6,
      memoryKey: 7,
      disk: [disk(2000, [1], [2], [3]), disk(2001, [8])],
    },
  ],
};
const WELL: Record<string, PropertyValue> = {
  'runtime.consolidationNeeded': false,
  'runtime.toolsInstallerMounted': false,
  'runtime.dasVmProtection.dasProtected': true,
  guestHeartbeatStatus: 'green',
  'config.version': 'vmx-19',
  'config.cpuAllocation.limit': -1,
  'config.cpuAllocation.reservation': 0,
  'config.memoryAllocation.limit': -1,
  'config.memoryAllocation.reservation': 1_024,
};
const UNWELL: Record<string, PropertyValue> = {
  'runtime.consolidationNeeded': true,
  'runtime.toolsInstallerMounted': true,
  'runtime.question.id': '1',
  guestHeartbeatStatus: 'red',
  'config.version': 'vmx-08',
  'config.cpuAllocation.limit': 500,
  'config.memoryAllocation.limit': 2_048,
};

const MACHINES: readonly HostSubject[] = [
  subject('vm', ['web01', { ...PLACE, ...IN_POOL, datastore: 'fast01' }], {
    ...MACHINE,
    ...WELL,
    ...LAYOUT,
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
    ...UNWELL,
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

const SLOTS: CallAnswer = {
  value: {
    slotInfo: { numVcpus: 1, cpuMHz: 32, memoryMB: 128 },
    totalSlots: 120,
    usedSlots: 70,
    unreservedSlots: 10,
    heartbeatDatastoreInfo: [{ datastore: { type: 'Datastore', value: 'datastore-1' }, hosts: [] }],
  },
  at: 0,
  roundTripMs: 8,
};

const COMPUTE: readonly HostSubject[] = [
  {
    calls: { answers: new Map([['RetrieveDasAdvancedRuntimeInfo', SLOTS]]), problems: [] },
    ...subject('cluster', ['prod', { datacenter: 'dc1' }], {
      'summary.totalCpu': 153_600,
      'summary.effectiveCpu': 140_000,
      'summary.totalMemory': 549_755_813_888,
      'summary.effectiveMemory': 500_000,
      'summary.numHosts': 3,
      'summary.numEffectiveHosts': 2,
      'configuration.dasConfig.enabled': true,
      'configuration.dasConfig.hostMonitoring': 'enabled',
      'configuration.dasConfig.admissionControlEnabled': true,
      'configuration.dasConfig.failoverLevel': 1,
      'configuration.drsConfig.enabled': true,
      'configuration.drsConfig.defaultVmBehavior': 'partiallyAutomated',
      drsFault: [{ reason: 'antiAffin', faultsByVm: [] }],
      configIssue: [{ key: 1, fullFormattedMessage: 'of a class that only its answer tells' }],
      summary: {
        currentFailoverLevel: 2,
        admissionControlInfo: {
          currentCpuFailoverResourcesPercent: 75,
          currentMemoryFailoverResourcesPercent: 60,
        },
        numVmotions: 12,
        targetBalance: 100,
        currentBalance: 350,
        drsScore: 98,
      },
    }),
    vsan: {
      answers: {
        health: {
          overall: 'red',
          groups: [
            {
              id: 'network',
              health: 'red',
              tests: [
                { id: 'hostdisconnected', health: 'red' },
                { id: 'vsanvmknic', health: 'green' },
                { id: 'largeping', health: 'skipped' },
              ],
            },
            { id: 'hcl', health: 'yellow', tests: [{ id: 'hcldbuptodate', health: 'yellow' }] },
            { id: 'cloudhealth', health: 'unknown', tests: [] },
          ],
        },
        space: { total: 2 ** 40, free: 2 ** 38 },
        resync: { bytes: 5 * 2 ** 30, objects: 3 },
      },
      denied: {},
      failed: {},
    },
  },
  subject('cluster', ['lab', { datacenter: 'dc1' }], {
    'configuration.dasConfig.enabled': false,
    'configuration.dasConfig.hostMonitoring': 'disabled',
    'configuration.drsConfig.enabled': false,
    summary: { currentFailoverLevel: -1 },
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
  {
    ...subject('vcenter', ['vc01.example.org', {}], {
      triggeredAlarmState: [
        ...ALARMS_OF_WEB01,
        state('alarm-7', { type: 'Datastore', value: 'datastore-1' }, 'yellow'),
        state('alarm-8', ROOT_FOLDER, 'red'),
        state('alarm-8', { type: 'Datacenter', value: 'datacenter-2' }, 'red'),
      ],
    }),
    vcenter: {
      answers: {
        about: new Map([
          ['version', '8.0.3'],
          ['build', '24022515'],
          ['apiVersion', '8.0.3.0'],
          ['instanceUuid', '5eed0000-0000-4000-8000-000000000001'],
        ]),
        certificate: Date.parse('2027-03-01T12:00:00.500Z'),
        clock: { time: 1_767_500_001_500, at: 1_767_500_004_000, roundTripMs: 8 },
        sessions: [
          { userClass: 'own', calls: 12 },
          { userClass: 'other', calls: 3_000 },
          { userClass: 'other', calls: 40 },
        ],
        tasks: [
          { state: 'running', ageMs: 61_500 },
          { state: 'running', ageMs: 2_000 },
          { state: 'queued', ageMs: 500 },
          { state: 'success', ageMs: 500_000 },
        ],
        licenses: [
          {
            edition: 'esx.enterprisePlus.cpuPackage',
            unit: 'cpuPackage',
            total: 64,
            used: 60,
            endsAt: Date.parse('2027-06-30T00:00:00.500Z'),
          },
          { edition: 'vc.standard.instance', unit: 'server', total: 1, used: 1, endsAt: undefined },
        ],
        scheduledTasks: [
          { name: 'Nightly snapshots', enabled: true, state: 'error', nextRunAt: 1_767_312_000_500 },
          { name: 'Once', enabled: false, state: 'success', nextRunAt: undefined },
        ],
      },
      denied: {},
      failed: {},
    },
    appliance: {
      answers: {
        health: {
          colours: new Map([
            ['system', 'orange'],
            ['software-packages', 'gray'],
          ]),
          problems: [],
        },
        backups: [
          { status: 'SUCCEEDED', startedAt: 1_767_222_000_000, endedAt: 1_767_222_570_250 },
          { status: 'FAILED', startedAt: 1_767_308_400_000, endedAt: 1_767_308_410_000 },
          { status: 'RUNNING', startedAt: 1_767_394_800_000, endedAt: undefined },
        ],
        schedules: [true, false, true],
        rootPassword: { endsAt: Date.parse('2026-04-01T00:00:00.000Z') },
        services: [
          { name: 'vpxd', startupType: 'AUTOMATIC', state: 'STARTED', health: 'HEALTHY_WITH_WARNINGS' },
          { name: 'vcha', startupType: 'DISABLED', state: 'STOPPED', health: 'DEGRADED' },
        ],
        signingCertificate: { endsAt: Date.parse('2027-03-01T12:00:00.000Z') },
        trustedRoots: {
          roots: [{ chain: 'ca-1', subject: 'CA', endsAt: Date.parse('2035-01-01T00:00:00.000Z') }],
          unreadable: 0,
        },
        timeSync: 'HOST',
        ntpServers: 0,
      },
      denied: {},
      failed: {},
    },
    events: {
      totals: { 'esx.problem.storage.apd.start': 1_234, BadUsernameSessionEvent: 0 },
      warnings: [],
    },
  },
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
