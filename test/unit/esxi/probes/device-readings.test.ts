import { describe, expect, it } from 'vitest';
import { diskSmart } from '../../../../lib/esxi/probes/disk-smart.ts';
import { nicErrors } from '../../../../lib/esxi/probes/nic-errors.ts';
import { ntp } from '../../../../lib/esxi/probes/ntp.ts';
import { nvmeHealth } from '../../../../lib/esxi/probes/nvme-health.ts';
import { LOG_PATTERNS, vmkernelLog } from '../../../../lib/esxi/probes/vmkernel-log.ts';
import { each, json, parse, said } from './answers.ts';

const FAILED = said('Error', { code: 1 });

describe('NICs', () => {
  it('have each counter by its kind, and none that the driver does not have', () => {
    const whole = {
      TotalReceiveErrors: 1,
      ReceiveCRCErrors: 2,
      ReceiveMissedErrors: 3,
      ReceiveFIFOErrors: 4,
      ReceiveLengthErrors: 5,
      ReceivePacketsDropped: 6,
      TotalTransmitErrors: 7,
      TransmitPacketsDropped: 8,
      PacketsReceived: 9,
    };
    const stats = each({ vmnic0: json(whole), vmnic1: FAILED, vmnic2: json({ TotalReceiveErrors: 0 }) });
    expect(parse(nicErrors, { stats })).toEqual([
      {
        nic: 'vmnic0',
        counters: [
          ['receive', 1],
          ['receive_crc', 2],
          ['receive_missed', 3],
          ['receive_fifo', 4],
          ['receive_length', 5],
          ['receive_dropped', 6],
          ['transmit', 7],
          ['transmit_dropped', 8],
        ],
      },
      { nic: 'vmnic2', counters: [['receive', 0]] },
    ]);
  });

  it('are none on a host without one', () => {
    expect(parse(nicErrors, { stats: each({}) })).toEqual([]);
    expect(parse(nicErrors, { stats: said('') })).toEqual([]);
  });
});

describe('NVMe disks', () => {
  const LOG = { PercentageUsed: 3, CompositeTemperature: 300, AvailableSpare: 90, MediaErrors: '0x10' };
  const of = (log: object) => parse(nvmeHealth, { log: each({ vmhba1: json(log) }) })[0];

  it('have the numbers of their log, and no temperature where it is 0', () => {
    const known = { adapter: 'vmhba1', usedPercent: 3, sparePercent: 90, mediaErrors: 16, hasWarning: false };
    expect(of(LOG)).toEqual({ ...known, celsius: 26.85 });
    expect(of({ ...LOG, CompositeTemperature: 0 })).toEqual({ ...known, celsius: undefined });
    expect(of({ ...LOG, CompositeTemperature: 1 })).toEqual({ ...known, celsius: -272.15 });
    expect(of({ ...LOG, CompositeTemperature: 'N/A' })).toEqual({ ...known, celsius: undefined });
  });

  it.each([
    'AvailableSpareSpaceBelowThreshold',
    'TemperatureWarning',
    'NVMSubsystemReliabilityDegradation',
    'ReadOnlyMode',
    'VolatileMemoryBackupDeviceFailure',
  ])('warn by %s, and by no other field', (field) => {
    expect(of({ ...LOG, [field]: true })?.hasWarning).toBe(true);
    expect(of({ ...LOG, [field]: false, Other: true })?.hasWarning).toBe(false);
  });

  it('are left out where they fail, and none on a host without one', () => {
    const log = each({ vmhba1: FAILED, vmhba2: json(LOG) });
    expect(parse(nvmeHealth, { log }).map(({ adapter }) => adapter)).toEqual(['vmhba2']);
    expect(parse(nvmeHealth, { log: each({}) })).toEqual([]);
    expect(parse(nvmeHealth, { log: said('') })).toEqual([]);
  });

  it.each([
    ['PercentageUsed', 'Percentage Used'],
    ['CompositeTemperature', 'Composite Temperature'],
  ])('have no reading of a log without %s', (field, column) => {
    expect(() => of({ ...LOG, [field]: undefined })).toThrow(`has no column "${column}"`);
  });
});

describe('SMART of a disk', () => {
  const of = (...rows: object[]) => parse(diskSmart, { smart: each({ disk: json(rows) }) })[0];

  it('has each number of each parameter by its kind', () => {
    const rows = [
      { Parameter: 'Health Status', Value: 'OK', Threshold: 'N/A', Worst: 'N/A', Raw: 'N/A' },
      { Parameter: 'Hours', Value: 1, Threshold: 2, Worst: 3, Raw: 4 },
    ];
    expect(of(...rows)).toEqual({
      disk: 'disk',
      isHealthy: true,
      celsius: undefined,
      parameters: [
        { parameter: 'Hours', kind: 'value', value: 1 },
        { parameter: 'Hours', kind: 'threshold', value: 2 },
        { parameter: 'Hours', kind: 'worst', value: 3 },
        { parameter: 'Hours', kind: 'raw', value: 4 },
      ],
    });
  });

  it.each([
    ['OK', true],
    ['FAILING', false],
    ['', false],
    ['N/A', undefined],
  ])('is healthy by the status %j: %s', (Value, isHealthy) => {
    expect(of({ Parameter: 'Health Status', Value })?.isHealthy).toBe(isHealthy);
  });

  it('is neither healthy nor failing where it has no status', () => {
    expect(of({ Parameter: 'Hours', Value: 'OK' })?.isHealthy).toBeUndefined();
  });

  it.each([
    ['ATA: the lowest byte of the raw number', { Value: '63', Raw: '65573' }, 37],
    ['ATA: a raw number of a byte', { Value: '63', Raw: '255' }, 255],
    ['ATA: a raw number without a lowest byte', { Value: '63', Raw: '256' }, 0],
    ['NVMe: the value, where the raw number is none', { Value: '41', Raw: 'N/A' }, 41],
    ['before 7.0: none, without a column Raw', { Value: '63' }, undefined],
    ['none, where neither is a number', { Value: 'N/A', Raw: 'N/A' }, undefined],
  ])('has a temperature: %s', (_what, columns, celsius) => {
    expect(of({ Parameter: 'Drive Temperature', ...columns })?.celsius).toBe(celsius);
    expect(of({ Parameter: 'Case Temperature', ...columns })?.celsius).toBeUndefined();
  });

  it('has the first 32 parameters', () => {
    const rows = Array.from({ length: 33 }, (_, index) => ({ Parameter: `p${index}`, Value: index }));
    expect(of(...rows)?.parameters.map(({ parameter }) => parameter)).toEqual(
      Array.from({ length: 32 }, (_, index) => `p${index}`),
    );
  });

  it('is no reading of a table without one of the columns', () => {
    expect(() => of({ Value: 'OK' })).toThrow('has no column "Parameter"');
    expect(() => of({ Parameter: 'Health Status' })).toThrow('has no column "Value"');
  });

  it('is none of all disks when one of them hangs, and there is none on a host without a disk', () => {
    const hung = said('', { code: 'timeout' });
    const disk = json([{ Parameter: 'Health Status', Value: 'OK' }]);
    expect(() => parse(diskSmart, { smart: each({ disk, hung }) })).toThrow(
      'a disk did not answer "esxcli storage core device smart get"',
    );
    expect(parse(diskSmart, { smart: said('') })).toEqual([]);
  });
});

describe('a line of ntpq -pn', () => {
  const of = (line: string) =>
    parse(ntp, { peers: said(`${line}\n*10.0.0.9 .G. 1 u 1 64 377 0.1 0.2 0.3\n`) });
  const first = (line: string) => of(line).peers.slice(0, -1);

  it.each([
    ['+ntp1.example.org  .GPS.  1 u   33   64  377    0.512   +2.500   0.051', 'ntp1.example.org', 0.0025],
    ['-2001:db8::1       10.0.0.1 12 b 33m 1024    1   10     -1        2    ', '2001:db8::1', -0.001],
    ['x10.0.0-1          .GPS. 1 u - 64 10 0.5 1500 0.1', '10.0.0-1', 1.5],
    ['.a .G. 1 u 1 64 7 0.1 2 0.3', 'a', 0.002],
    ['#a .G. 1 u 1 64 7 0.1 2 0.3', 'a', 0.002],
  ])('is a peer that answers: %j', (line, peer, offsetSeconds) => {
    expect(first(line)).toEqual([{ peer, isReachable: true, offsetSeconds }]);
  });

  it.each(['0', '000'])('is a peer that does not answer, by a reach of %s', (reach) => {
    expect(first(` a .G. 1 u 1 64 ${reach} 0.1 2 0.3`)).toEqual([
      { peer: 'a', isReachable: false, offsetSeconds: undefined },
    ]);
  });

  it.each([
    ['another mark', '!a .G. 1 u 1 64 7 0.1 2 0.3'],
    ['something before the mark', 'x*a .G. 1 u 1 64 7 0.1 2 0.3 y'],
    ['a name that is none', '*a/b .G. 1 u 1 64 7 0.1 2 0.3'],
    ['a stratum that is no number', '*a .G. x u 1 64 7 0.1 2 0.3'],
    ['a type of two letters', '*a .G. 1 uu 1 64 7 0.1 2 0.3'],
    ['a poll that is no number', '*a .G. 1 u 1 x 7 0.1 2 0.3'],
    ['a reach that is not octal', '*a .G. 1 u 1 64 8 0.1 2 0.3'],
    ['a delay that is no number', '*a .G. 1 u 1 64 7 x 2 0.3'],
    ['an offset that is no number', '*a .G. 1 u 1 64 7 0.1 x 0.3'],
    ['a jitter that is no number', '*a .G. 1 u 1 64 7 0.1 2 x'],
    ['one column less', '*a .G. 1 u 1 64 7 0.1 2'],
    ['one column more', '*a .G. 1 u 1 64 7 0.1 2 0.3 0.4'],
  ])('is none with %s', (_what, line) => {
    expect(first(line)).toEqual([]);
  });

  it.each(['No association IDs returned', 'ntpq: read: CONNECTION REFUSED'])(
    'is not needed where ntpd is down (%s)',
    (words) => {
      const none = { isSynchronized: false, peers: [] };
      expect(parse(ntp, { peers: said(words) })).toEqual(none);
      expect(parse(ntp, { peers: said('', { code: 1, stderr: words }) })).toEqual(none);
    },
  );
});

describe('the lines of vmkernel.log', () => {
  const KEYS = Object.keys(LOG_PATTERNS);
  const counted = (all: ReturnType<typeof said>) =>
    parse(vmkernelLog, Object.fromEntries(KEYS.map((key) => [key, all])));

  it('are counted for each pattern, in the order of the patterns', () => {
    const lines = Object.fromEntries(KEYS.map((key, index) => [key, said(`${index}\n`)]));
    expect(parse(vmkernelLog, lines)).toEqual(KEYS.map((key, index) => [key, index]));
    expect(counted(said('0\n', { code: 1 })).every(([, count]) => count === 0)).toBe(true);
    expect(counted(said(' 999999999 '))[0]).toEqual(['all_paths_down', 999_999_999]);
  });

  it.each([
    ['3', 2],
    ['', 0],
    ['1234567890', 0],
    ['x3', 0],
    ['3 lines', 0],
    ['3', 127],
  ])('are not known by %j and the code %i', (stdout, code) => {
    expect(() => counted(said(stdout, { code }))).toThrow(
      `/var/run/log/vmkernel.log cannot be read: grep ended with code ${code}`,
    );
  });

  // What the kernel logs: KB 2004684, 1009495, 1003361, 2136081; bracketed parts shortened.
  it.each([
    ['all_paths_down', 'StorageApdHandler: Device in All Paths Down'],
    ['all_paths_down', 'entered the APD state'],
    ['permanent_device_loss', 'is permanently inaccessible'],
    ['permanent_device_loss', 'has entered permanent device loss'],
    ['permanent_device_loss', 'PDL error'],
    ['lost_access', 'Lost access to volume 5f1a (ds1)'],
    ['path_failed', 'NMP: nmp_ThrottleLog: Cmd failed on path'],
    ['path_failed', 'NMP: nmp: Path "vmhba1:C0:T0:L0" is down'],
    ['nfs_lock', 'NFSLock: 608: Stop accessing fd'],
    ['latency', 'performance has deteriorated. I/O latency increased'],
    ['nic_hang', 'NetDev watchdog: vmnic0'],
    ['nic_hang', 'transmit timed out'],
    ['nic_hang', 'NIC Link is Down'],
  ] as const)('are found by %s: %s', (key, line) => {
    expect(new RegExp(LOG_PATTERNS[key]).test(line)).toBe(true);
  });
});
