import { LOG_PATTERNS } from '../../esxi/probes/vmkernel-log.ts';
import type { DemoCommandAnswer } from './command.ts';
import type { DemoEsxcli, DemoRow } from './esxcli.ts';

/** How a host differs from a healthy one, for the checks by ssh. */
export interface DemoChecks {
  /** `6.7` has no json, and pam_tally2 in place of faillock. */
  readonly version?: '6.7' | '8.0';
  readonly hostd?: 'down';
  readonly ntpd?: 'down' | 'unsynchronized';
  readonly bootbank?: 'lost';
  readonly deadPaths?: number;
  readonly crcErrors?: number;
  readonly failedLogins?: number;
  readonly kernelDumps?: number;
  readonly disk?: 'failing';
  readonly fullRamdisk?: string;
  readonly logLines?: Readonly<Record<string, number>>;
  /** A command of esxcli that hangs, by its words. */
  readonly hung?: string;
}

/** What a host prints to the commands of the checks. Values are those of a small host; the forms are recorded ones. */
export function demoChecks(checks: DemoChecks = {}): {
  readonly commands: Readonly<Record<string, DemoCommandAnswer>>;
  readonly esxcli: DemoEsxcli;
} {
  const { version = '8.0', hostd, hung } = checks;
  return {
    commands: commandsOf(checks),
    esxcli: {
      format: version === '6.7' ? 'csv' : 'json',
      isHostdUp: hostd !== 'down',
      answers: { ...answersOf(checks), ...(hung !== undefined && { [hung]: 'hung' }) },
    },
  };
}

const LOG = '/var/run/log/vmkernel.log';

function commandsOf({
  version = '8.0',
  ntpd,
  bootbank,
  failedLogins = 0,
  kernelDumps = 0,
  logLines = {},
}: DemoChecks): Readonly<Record<string, DemoCommandAnswer>> {
  const failures = Array.from(
    { length: failedLogins },
    (_, index) => `2026-11-29 10:0${index}:00 RHOST 192.0.2.66                                 V\n`,
  );
  const accounts = ['root', 'vpxuser'].flatMap((account): [string, DemoCommandAnswer][] => {
    const own = account === 'root' ? failures : [];
    const tally =
      own.length === 0 ? '' : `${account.padEnd(15)} ${own.length}    11/29/26 10:00:00  192.0.2.66\n`;
    return version === '6.7'
      ? [
          [
            `pam_tally2 --user ${account}`,
            { code: 0, stdout: `Login           Failures Latest failure     From\n${tally}` },
          ],
        ]
      : [
          [
            `faillock --user ${account}`,
            {
              code: 0,
              stdout: `${account}:\nWhen                Type  Source                                           Valid\n${own.join('')}`,
            },
          ],
        ];
  });
  return {
    'ntpq -pn': ntpd === 'down' ? NTP_DOWN : { code: 0, stdout: ntpTable(ntpd === undefined) },
    'readlink -f /bootbank': {
      code: 0,
      stdout: bootbank === 'lost' ? '/tmp\n' : '/vmfs/volumes/5f1a2b3c-4d5e6f70-8192-a3b4c5d6e7f8\n',
    },
    'readlink -f /scratch': {
      code: 0,
      stdout: bootbank === 'lost' ? '/tmp/scratch\n' : '/vmfs/volumes/5f1a2b3c-9d8e7f60-8192-a3b4c5d6e7f8\n',
    },
    'tail -n 2000 /var/run/log/vmkernel.log': { code: 0, stdout: '' },
    'ls -1 /var/core': {
      code: 0,
      stdout: Array.from({ length: kernelDumps }, (_, index) => `vmkernel-zdump.${index + 1}\n`).join(''),
    },
    ...Object.fromEntries(accounts),
    ...Object.fromEntries(
      Object.entries(LOG_PATTERNS).map(([pattern, expression]) => {
        const lines = logLines[pattern] ?? 0;
        return [
          `grep -c -E ${expression} ${LOG}`,
          { code: lines === 0 ? 1 : 0, stdout: `${lines}\n` } satisfies DemoCommandAnswer,
        ];
      }),
    ),
  };
}

const NTP_DOWN: DemoCommandAnswer = { code: 0, stdout: '', stderr: 'ntpq: read: Connection refused\n' };

const ntpTable = (isSynchronized: boolean): string =>
  [
    '     remote           refid      st t when poll reach   delay   offset  jitter',
    '==============================================================================',
    `${isSynchronized ? '*' : ' '}192.0.2.123     .GPS.            1 u   33   64  377    0.512   -0.123   0.051`,
    ' 192.0.2.124     .INIT.          16 u    -   64    0    0.000    0.000   0.000',
    '',
  ].join('\n');

function answersOf(checks: DemoChecks): DemoEsxcli['answers'] {
  const { deadPaths = 0, crcErrors = 0, disk, fullRamdisk } = checks;
  return {
    'system hostname get': { DomainName: 'example.org', FullyQualifiedDomainName: 'demo', HostName: 'demo' },
    'storage core path list': [
      ...Array.from({ length: 4 }, () => ({ State: 'active' })),
      ...Array.from({ length: deadPaths }, () => ({ State: 'dead' })),
    ],
    'network nic list': [{ Name: 'vmnic0' }, { Name: 'vmnic1' }],
    'network nic stats get -n vmnic0': nicStats(crcErrors),
    'network nic stats get -n vmnic1': nicStats(0),
    'software vib list': [
      { AcceptanceLevel: 'VMwareCertified', Name: 'esx-base', Version: '8.0.3-0.55.24414501' },
      { AcceptanceLevel: 'PartnerSupported', Name: 'nmlx5-core', Version: '4.23.6.4' },
    ],
    'system settings advanced list -d': [{ Path: '/UserVars/SuppressShellWarning' }],
    'storage core device list': [
      { Device: 't10.NVMe____DEMO0001', IsLocal: true },
      { Device: 'naa.600a0b8000demo', IsLocal: false },
    ],
    'storage core device smart get -d t10.NVMe____DEMO0001': [
      {
        Parameter: 'Health Status',
        Raw: 'N/A',
        Threshold: 'N/A',
        Value: disk === 'failing' ? 'WARNING' : 'OK',
        Worst: 'N/A',
      },
      { Parameter: 'Drive Temperature', Raw: 'N/A', Threshold: '90', Value: '36', Worst: 'N/A' },
      { Parameter: 'Reallocated Sector Count', Raw: 'N/A', Threshold: '90', Value: '0', Worst: 'N/A' },
    ],
    'nvme device list': [{ HBAName: 'vmhba4', Signature: 'nvmeMgmt-nvmhba2', Status: 'Online' }],
    'nvme device log smart get -A vmhba4': nvmeLog(disk === 'failing'),
    'system visorfs ramdisk list': ['root', 'etc', 'tmp', 'hostdstats'].map((name) => ({
      RamdiskName: name,
      Maximum: 262_144,
      Used: name === fullRamdisk ? 262_144 : 8_192,
      MaximumInodes: 8_192,
      UsedInodes: 31,
    })),
    'system coredump partition get': { Active: '', Configured: '' },
    'system coredump file get': { Active: '/vmfs/volumes/demo/vmkdump/1.dumpfile', Configured: '' },
    'system coredump network get': { Enabled: false },
    'storage core adapter stats get': [
      {
        AdapterName: 'vmhba0',
        FailedCommands: 3,
        FailedReadOperations: 0,
        FailedWriteOperations: 0,
        ReservationConflicts: 0,
      },
    ],
    'hardware ipmi sdr list': [{ Description: 'Inlet Temp', ComputedReading: '23.000 degrees C' }],
    'hardware ipmi sel list': [{ Record: 1, When: '2026-11-01T10:00:00' }],
  };
}

const nicStats = (crc: number): DemoRow => ({
  ReceiveCRCerrors: crc,
  ReceiveFIFOerrors: 0,
  Receivelengtherrors: 0,
  Receivemissederrors: 0,
  Receivepacketsdropped: 0,
  Totalreceiveerrors: crc,
  Totaltransmiterrors: 0,
  Transmitpacketsdropped: 0,
});

const nvmeLog = (isFailing: boolean): DemoRow => ({
  AvailableSpare: isFailing ? 4 : 100,
  AvailableSpareSpaceBelowThreshold: isFailing,
  CompositeTemperature: 312,
  MediaErrors: isFailing ? '0x1f' : '0x0',
  NVMSubsystemReliabilityDegradation: false,
  PercentageUsed: isFailing ? 101 : 3,
  ReadOnlyMode: false,
  TemperatureWarning: false,
  VolatileMemoryBackupDeviceFailure: false,
});
