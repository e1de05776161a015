import { DEMO_CERTIFICATES } from '../../../lib/demo/vcenter/demo-certificates.ts';
import type { PropertyValue } from '../../../lib/vsphere/property/retrieved-object.ts';
import { HOST_COUNTERS } from './golden-counters.ts';
import { type HostSubject, itemOf, retrieved, withServices } from './subjects.ts';

const service = (key: string, running: boolean) => ({ key, label: key, running: String(running) });

const sensor = (
  name: string,
  [currentReading, unitModifier, baseUnits]: [number, number, string],
  key = 'green',
) => ({
  name,
  sensorType: baseUnits === 'RPM' ? 'fan' : 'other',
  healthState: { key, label: key, summary: key },
  currentReading,
  unitModifier,
  baseUnits,
});
const element = (name: string, key: string) => ({ name, status: { key, label: key, summary: key } });

/** What a healthy host reads as; a new collector's properties are added here. */
const HEALTHY: Readonly<Record<string, PropertyValue>> = {
  name: 'esx',
  overallStatus: 'green',
  'runtime.connectionState': 'connected',
  'runtime.powerState': 'poweredOn',
  'runtime.inMaintenanceMode': false,
  'config.service': { service: [service('TSM-SSH', true), service('ntpd', true), service('vpxa', true)] },
  'runtime.standbyMode': 'none',
  'runtime.bootTime': '2026-01-02T03:04:05.678901Z',
  'summary.quickStats.uptime': 86_400,
  'summary.quickStats.overallCpuUsage': 4_321,
  'summary.quickStats.overallMemoryUsage': 65_432,
  'summary.hardware.numCpuCores': 32,
  'summary.hardware.cpuMhz': 2_400,
  'summary.hardware.memorySize': 274_877_906_944,
  'summary.hardware.model': 'PowerEdge R750',
  'summary.hardware.cpuModel': 'Intel(R) Xeon(R) Gold 6326 CPU @ 2.90GHz',
  'summary.config.product.version': '8.0.3',
  'summary.config.product.build': '24022510',
};

/** `byte` is signed. */
const bytesOf = (pem: string): PropertyValue => [...Int8Array.from(Buffer.from(pem))];
const nic = (device: string, speedMb?: number, versions = {}): PropertyValue => ({
  device,
  driver: 'icen',
  ...(speedMb === undefined ? {} : { linkSpeed: { speedMb, duplex: true } }),
  ...versions,
});
const paths = (...states: string[]): PropertyValue =>
  states.map((pathState, index) => ({ name: `path-${index}`, pathState }));
const luns = (...states: string[][]): PropertyValue =>
  states.map((operationalState, index) => ({ uuid: `0200${index}`, operationalState }));

/** A host that is in order, of vSphere 8. */
const IN_ORDER: Readonly<Record<string, PropertyValue>> = {
  'summary.rebootRequired': false,
  configIssue: [],
  'runtime.dasHostState.state': 'master',
  'complianceCheckState.state': 'compliant',
  'config.host': { type: 'HostSystem', value: 'host-1' },
  'config.lockdownMode': 'lockdownDisabled',
  'config.certificate': bytesOf(DEMO_CERTIFICATES.valid),
  'config.dateTimeInfo': {
    timeZone: { key: 'UTC', name: 'UTC', description: 'UTC', gmtOffset: 0 },
    ntpConfig: { server: ['ntp1.example.org', 'ntp2.example.org'] },
    serviceSync: true,
    inFallbackState: false,
    lastSyncTime: '2026-01-05T11:59:00Z',
  },
  'config.option["Syslog.global.logHost"].value': 'tcp://syslog.example.org:514',
  'config.option["ScratchConfig.CurrentScratchLocation"].value': '/vmfs/volumes/5eed0003/.locker',
  'config.activeDiagnosticPartition.diagnosticType': 'singleHost',
  'config.network.pnic': [
    nic('vmnic0', 25_000, { driverVersion: '1.14.2.0', firmwareVersion: '4.60' }),
    nic('vmnic1', 10_000),
  ],
  'config.multipathState.path': paths('active', 'standby'),
  'config.storageDevice.scsiLun': luns(['ok'], ['ok']),
};
/** One before 7.0.3 that is not. */
const OUT_OF_ORDER: Readonly<Record<string, PropertyValue>> = {
  'summary.rebootRequired': true,
  configIssue: [
    {
      key: 1,
      fullFormattedMessage: 'vmnic0 of esx02 is down',
      eventTypeId: 'esx.problem.net.redundancy.lost',
    },
    {
      key: 2,
      fullFormattedMessage: 'vmnic1 of esx02 is down',
      eventTypeId: 'esx.problem.net.redundancy.lost',
    },
    { key: 3, fullFormattedMessage: 'of a class that only its answer tells' },
  ],
  'runtime.dasHostState.state': 'networkIsolated',
  'complianceCheckState.state': 'nonCompliant',
  'config.host': { type: 'HostSystem', value: 'host-2' },
  'config.lockdownMode': 'lockdownStrict',
  'config.certificate': bytesOf(DEMO_CERTIFICATES.ended),
  'config.dateTimeInfo': { timeZone: { key: 'UTC' } },
  'config.option["Syslog.global.logHost"].value': '',
  'config.option["ScratchConfig.CurrentScratchLocation"].value': '/tmp/scratch',
  'config.network.pnic': [nic('vmnic0')],
  'config.multipathState.path': paths('dead', 'dead', 'disabled', 'later'),
  'config.storageDevice.scsiLun': luns(['lostCommunication', 'off'], ['new']),
};

/** What the checks by ssh find on a host; of the other one only two answered. */
const CHECKED: Readonly<Record<string, unknown>> = {
  hostd: true,
  ntp: {
    isSynchronized: true,
    peers: [
      { peer: '192.0.2.123', isReachable: true, offsetSeconds: -0.0125 },
      { peer: '192.0.2.124', isReachable: false, offsetSeconds: undefined },
    ],
  },
  bootbank: { isLost: false },
  'core-dumps': { kernel: 1, programs: 0 },
  'storage-paths': { active: 6, standby: 0, dead: 2, disabled: 0, other: 0 },
  'nic-errors': [
    {
      nic: 'vmnic0',
      counters: [
        ['receive', 41],
        ['receive_crc', 41],
      ],
    },
  ],
  'account-failures': [
    { account: 'root', failures: 3 },
    { account: 'vpxuser', failures: 0 },
  ],
  vibs: {
    counts: [
      ['VMwareCertified', 80],
      ['CommunitySupported', 1],
    ],
    fingerprint: 0xab_cd_ef_01_23_45,
  },
  'advanced-settings': { count: 2, names: ['Net.TcpipHeapSize', 'UserVars.SuppressShellWarning'] },
  'vmkernel-log': [
    ['all_paths_down', 6],
    ['lost_access', 0],
  ],
  'disk-smart': [
    {
      disk: 't10.NVMe____DEMO0001',
      isHealthy: false,
      celsius: 36,
      parameters: [{ parameter: 'Reallocated Sector Count', kind: 'raw', value: 7 }],
    },
    { disk: 'mpx.vmhba32:C0:T0:L0', isHealthy: undefined, celsius: undefined, parameters: [] },
  ],
  'nvme-health': [
    {
      adapter: 'vmhba4',
      usedPercent: 101,
      sparePercent: 4,
      mediaErrors: 31,
      celsius: 38.85,
      hasWarning: true,
    },
  ],
  ramdisks: [
    { ramdisk: 'root', used: 0.5, usedInodes: 0.25 },
    { ramdisk: 'hostdstats', used: undefined, usedInodes: undefined },
  ],
  'core-dump-target': [
    ['partition', false],
    ['file', true],
  ],
  'adapter-errors': [{ adapter: 'vmhba0', counters: [['commands', 85]] }],
  'ipmi-sensors': [{ sensor: 'Inlet Temp', unit: 'degrees C', value: 23 }],
  'ipmi-events': { count: 12, newest: 1_764_410_400 },
};

const HEALTH = 'runtime.healthSystemRuntime';
/** Of a host whose clock is ahead. */
const CLOCK = { value: '2026-01-02T03:04:05.250Z', at: Date.parse('2026-01-02T03:04:03Z'), roundTripMs: 20 };

/** What the firmware of one host reports; the others have none. */
const SENSORS: Readonly<Record<string, PropertyValue>> = {
  [`${HEALTH}.systemHealthInfo.numericSensorInfo`]: [
    sensor('Fan 1A', [8_400, 0, 'RPM']),
    sensor('Inlet Temp, front', [2_350, -2, 'degrees C'], 'Yellow'),
    sensor('Voltage 1', [234, 0, 'Volts']),
    sensor('Current 1', [6, -1, 'Amps'], 'red'),
    sensor('Pwr Consumption', [182, 0, 'Watts'], 'unknown'),
    sensor('PS Redundancy', [1, 0, 'redundancy-discrete']),
  ],
  [`${HEALTH}.hardwareStatusInfo.cpuStatusInfo`]: [element('CPU1', 'Green')],
  [`${HEALTH}.hardwareStatusInfo.memoryStatusInfo`]: [element('Memory 1', 'Unknown')],
  [`${HEALTH}.hardwareStatusInfo.storageStatusInfo`]: [element('Disk 0', 'Red')],
};

const host = (name: string, differences: Record<string, PropertyValue> = {}): HostSubject => ({
  item: itemOf(name),
  object: retrieved({ ...HEALTHY, ...differences }),
});

/**
 * The hosts of the golden files. Between them they are in each state that a collector tells apart; a property that is
 * missing is not among these, because a golden file cannot show what is not there.
 */
export const GOLDEN_HOSTS: readonly HostSubject[] = [
  {
    ...host('esx01.example.org', { ...SENSORS, ...IN_ORDER }),
    counters: HOST_COUNTERS,
    calls: { answers: new Map([['QueryDateTime', CLOCK]]), problems: [] },
    tags: [{ category: 'Owner', tag: 'ops' }],
    customAttributes: [{ attribute: 'Rack', value: 'A 12' }],
    ...withServices(
      'esx01.example.org',
      {
        hostd: 'running',
        vpxa: 'stopped',
        'nsx-opsagent': 'running',
        nsxa: 'absent',
        SSH: 'unknown',
      },
      CHECKED,
    ),
  },
  {
    ...host('esx02.example.org', {
      ...OUT_OF_ORDER,
      overallStatus: 'yellow',
      'runtime.inMaintenanceMode': true,
    }),
    ...withServices('esx02.example.org', { hostd: 'stopped' }, { hostd: false, bootbank: { isLost: true } }),
  },
  host('esx03.example.org', {
    overallStatus: 'red',
    'runtime.powerState': 'standBy',
    'runtime.standbyMode': 'in',
    'config.service': { service: [service('TSM-SSH', false), service('ntpd', false)] },
  }),
  host('esx04.example.org', {
    overallStatus: 'gray',
    'runtime.connectionState': 'notResponding',
    // vCenter's copy of it is old.
    'config.network.pnic': [nic('vmnic0', 10_000)],
    'config.multipathState.path': paths('active'),
  }),
];
