import { describe, expect, it } from 'vitest';
import { demoChecks } from '../../../../lib/demo/esxi-sshd/checks.ts';
import { type DemoRow, toCsv, toKeyvalue } from '../../../../lib/demo/esxi-sshd/esxcli.ts';
import { ACCOUNTS, accountFailures } from '../../../../lib/esxi/probes/account-failures.ts';
import { advancedSettings } from '../../../../lib/esxi/probes/advanced-settings.ts';
import { bootbank } from '../../../../lib/esxi/probes/bootbank.ts';
import { coreDumps } from '../../../../lib/esxi/probes/core-dumps.ts';
import { diskSmart } from '../../../../lib/esxi/probes/disk-smart.ts';
import { hostd } from '../../../../lib/esxi/probes/hostd.ts';
import { ipmiEvents } from '../../../../lib/esxi/probes/ipmi-events.ts';
import { ipmiSensors } from '../../../../lib/esxi/probes/ipmi-sensors.ts';
import { nicErrors } from '../../../../lib/esxi/probes/nic-errors.ts';
import { ntp } from '../../../../lib/esxi/probes/ntp.ts';
import { nvmeHealth } from '../../../../lib/esxi/probes/nvme-health.ts';
import { ramdisks } from '../../../../lib/esxi/probes/ramdisks.ts';
import { PROBES } from '../../../../lib/esxi/probes/registry.ts';
import { storagePaths } from '../../../../lib/esxi/probes/storage-paths.ts';
import { vibs } from '../../../../lib/esxi/probes/vibs.ts';
import { LOG_PATTERNS, vmkernelLog } from '../../../../lib/esxi/probes/vmkernel-log.ts';
import {
  ADVANCED_TEXT,
  ERRORS,
  NIC_STATS_LOSING_TEXT,
  NIC_STATS_TEXT,
  NVME_LOG_8_JSON,
  PATHS_8_TEXT,
  rowsOfText,
  SMART_6_CSV,
  SMART_7_TEXT,
  SMART_8_JSON,
  VIB_8,
} from '../esxcli/recorded.ts';
import { each, parse, said } from './answers.ts';

const SETTINGS = { services: ['hostd'] };
/** The same rows as each formatter prints them. */
const inEachFormat = (rows: readonly DemoRow[]): [string, string][] => [
  ['json', JSON.stringify(rows)],
  ['csv', toCsv(rows)],
  ['keyvalue', toKeyvalue(rows)],
];

describe('checks of hosts, by recorded answers', () => {
  it('SMART of 8.0.3 (json): healthy, its temperature, and raw beside normalised numbers', () => {
    const [disk] = parse(diskSmart, { smart: each({ 't10.x': said(SMART_8_JSON) }) });
    expect(disk).toMatchObject({ disk: 't10.x', isHealthy: true, celsius: 37 });
    expect(disk?.parameters).toContainEqual({ parameter: 'Power-on Hours', kind: 'raw', value: 80_032 });
    expect(disk?.parameters).toContainEqual({ parameter: 'Power-on Hours', kind: 'value', value: 84 });
    expect(disk?.parameters.some(({ parameter }) => parameter === 'Health Status')).toBe(false);
  });

  it.each(inEachFormat(rowsOfText(SMART_7_TEXT)))(
    'SMART of a host with a packed raw temperature (%s): its lowest byte',
    (_format, text) => {
      const [disk] = parse(diskSmart, { smart: each({ disk: said(text) }) });
      // 85902098463 = 0x14_0024_001F: now 31, lowest and highest in the other bytes.
      expect(disk).toMatchObject({ celsius: 31, isHealthy: true });
    },
  );

  it('SMART before 7.0 (csv): no column Raw, so no temperature, because the value is a normalised one', () => {
    const [disk] = parse(diskSmart, { smart: each({ disk: said(SMART_6_CSV) }) });
    expect(disk).toMatchObject({ isHealthy: true, celsius: undefined });
  });

  it('SMART leaves out disks that have none, such as those behind a controller', () => {
    const smart = each({
      raid: said('Error getting Smart Parameters\n', { code: 1 }),
      disk: said(SMART_8_JSON),
    });
    expect(parse(diskSmart, { smart }).map(({ disk }) => disk)).toEqual(['disk']);
  });

  it('NVMe of 8.0.3 (json): Kelvin, and counters in hexadecimals', () => {
    expect(parse(nvmeHealth, { log: each({ vmhba4: said(NVME_LOG_8_JSON) }) })).toEqual([
      {
        adapter: 'vmhba4',
        usedPercent: 0,
        sparePercent: 100,
        mediaErrors: 0,
        celsius: 38.85,
        hasWarning: false,
      },
    ]);
    const worn = NVME_LOG_8_JSON.replace('"0x0"', '"0x1f"').replace(
      '"ReadOnlyMode": false',
      '"ReadOnlyMode": true',
    );
    expect(parse(nvmeHealth, { log: each({ vmhba4: said(worn) }) })).toMatchObject([
      { mediaErrors: 31, hasWarning: true },
    ]);
  });

  it.each(inEachFormat(rowsOfText(NIC_STATS_LOSING_TEXT)))('NICs that lose packets (%s)', (_format, text) => {
    const [nic] = parse(nicErrors, { stats: each({ vmnic2: said(text) }) });
    expect(Object.fromEntries(nic?.counters ?? [])).toMatchObject({
      receive: 798_620,
      receive_fifo: 748_049,
    });
  });

  it.each(inEachFormat(rowsOfText(NIC_STATS_TEXT)))('NICs without a fault (%s): zeros', (_format, text) => {
    const [nic] = parse(nicErrors, { stats: each({ vmnic9: said(text) }) });
    expect(nic?.counters).toHaveLength(8);
    expect(nic?.counters.every(([, count]) => count === 0)).toBe(true);
  });

  it.each(inEachFormat(rowsOfText(PATHS_8_TEXT)))('storage paths of 8.0.3 (%s)', (_format, text) => {
    expect(parse(storagePaths, { paths: said(text) })).toMatchObject({ active: 2, dead: 0 });
  });

  it('storage paths with a state of another name are `other`, and without the column are no answer', () => {
    expect(parse(storagePaths, { paths: said('State,\ndead,\nstandby,\ntransient,\n') })).toEqual({
      active: 0,
      standby: 1,
      dead: 1,
      disabled: 0,
      other: 1,
    });
    expect(() => parse(storagePaths, { paths: said('Status,\nactive,\n') })).toThrow(
      'the output of esxcli has no column "State"; it has status',
    );
  });

  it('packages: a number by level, and a fingerprint that each change of a version changes', () => {
    const of = (version: string) => parse(vibs, { list: said(toCsv([{ ...VIB_8, Version: version }])) });
    expect(of(VIB_8.Version).counts).toEqual([['VMwareCertified', 1]]);
    expect(of(VIB_8.Version).fingerprint).toBe(of(VIB_8.Version).fingerprint);
    expect(of(VIB_8.Version).fingerprint).not.toBe(of('2.12.1').fingerprint);
    expect(of(VIB_8.Version).fingerprint).toBeLessThan(Number.MAX_SAFE_INTEGER);
    expect(() => parse(vibs, { list: said('') })).toThrow('names no package');
  });

  it.each(inEachFormat(rowsOfText(ADVANCED_TEXT)))('changed settings by name (%s)', (_format, text) => {
    expect(parse(advancedSettings, { changed: said(text) })).toEqual({
      count: 1,
      names: ['Net.TcpipDefLROEnabled'],
    });
  });

  it('asks for the names of changed settings only: their values do not leave the host', () => {
    expect(advancedSettings.commands(SETTINGS)).toMatchObject([{ shape: 'list', columns: 'Path' }]);
  });

  it('accounts by pam_tally2 (VCSA, 2019) and by faillock, which says so in other words', () => {
    const tally = said(
      ' Login           Failures Latest failure     From\n root               10    06/07/19 14:12:11  unknown\n'.replaceAll(
        /^ /gm,
        '',
      ),
    );
    const none = said('Login           Failures Latest failure     From\n');
    expect(parse(accountFailures, { 'tally-root': tally, 'tally-vpxuser': none })).toEqual([
      { account: 'root', failures: 10 },
      { account: 'vpxuser', failures: 0 },
    ]);
    const faillock = said(
      'root:\nWhen                Type  Source                                           Valid\n' +
        '2026-11-29 10:00:00 RHOST 192.0.2.66                                           V\n' +
        '2026-11-29 09:00:00 RHOST 192.0.2.66                                           I\n',
    );
    expect(parse(accountFailures, { 'faillock-root': faillock })).toEqual([{ account: 'root', failures: 1 }]);
    expect(() => parse(accountFailures, {})).toThrow('neither pam_tally2 nor faillock');
  });

  it('asks for no account but these two: another name may be a password that was typed in the wrong place', () => {
    const asked = accountFailures.commands(SETTINGS).map(({ argv }) => argv.at(-1));
    expect(new Set(asked)).toEqual(new Set(ACCOUNTS));
  });

  it('ntpd: the peer that is followed, one that never answered, and no daemon', () => {
    const table = `     remote           refid      st t when poll reach   delay   offset  jitter
==============================================================================
*10.0.0.1        .GPS.            1 u   33   64  377    0.512  -12.500   0.051
 10.0.0.2        .INIT.          16 u    -   64    0    0.000    0.000   0.000
`;
    expect(parse(ntp, { peers: said(table) })).toEqual({
      isSynchronized: true,
      peers: [
        { peer: '10.0.0.1', isReachable: true, offsetSeconds: -0.0125 },
        { peer: '10.0.0.2', isReachable: false, offsetSeconds: undefined },
      ],
    });
    const refused = said('', { stderr: 'ntpq: read: Connection refused\n' });
    expect(parse(ntp, { peers: refused })).toEqual({ isSynchronized: false, peers: [] });
    const noPeers = said("No association ID's returned\n");
    expect(parse(ntp, { peers: noPeers })).toEqual({ isSynchronized: false, peers: [] });
    expect(() => parse(ntp, { peers: said('garbage\n') })).toThrow('printed no table of peers');
    expect(() => parse(ntp, { peers: said('', { code: 'timeout' }) })).toThrow('did not end');
    expect(() => parse(ntp, {})).toThrow('the host has no ntpq');
  });

  // The tally codes of ntpq(8): `*` is the system peer, `o` one that is followed by its pulses, `+` a candidate.
  it.each([
    ['*', true],
    ['o', true],
    ['+', false],
    ['-', false],
    ['x', false],
    ['#', false],
    [' ', false],
  ])('ntpd: a table whose only peer is marked %j is of a host that follows one: %s', (tally, isFollowed) => {
    const row = `${tally}10.0.0.1        .GPS.            1 u   33   64  001    0.512   +2.500   0.051\n`;
    expect(parse(ntp, { peers: said(row) })).toEqual({
      isSynchronized: isFollowed,
      peers: [{ peer: '10.0.0.1', isReachable: true, offsetSeconds: 0.0025 }],
    });
  });

  it('the boot device, dumps and lines of the log', () => {
    expect(parse(bootbank, { path: said('/tmp\n') })).toEqual({ isLost: true });
    expect(parse(bootbank, { path: said('/vmfs/volumes/5f1a\n') })).toEqual({ isLost: false });
    expect(() => parse(bootbank, { path: said('') })).toThrow('printed no path');
    const files = 'vmkernel-zdump.1\nvmkernel-zdump.2\nhostd-zdump.000\nhostd-worker-zdump.001\n';
    expect(parse(coreDumps, { files: said(files) })).toEqual({ kernel: 2, programs: 2 });
    const absent = said('', { code: 1, stderr: 'ls: /var/core: No such file or directory\n' });
    expect(parse(coreDumps, { files: absent })).toEqual({ kernel: 0, programs: 0 });
    expect(() => parse(coreDumps, { files: said('', { code: 2, stderr: 'Input/output error' }) })).toThrow(
      'code 2',
    );
    const lines = Object.fromEntries(Object.keys(LOG_PATTERNS).map((key) => [key, said('0\n', { code: 1 })]));
    expect(parse(vmkernelLog, { ...lines, all_paths_down: said('6\n') })).toContainEqual([
      'all_paths_down',
      6,
    ]);
    expect(() => parse(vmkernelLog, { ...lines, latency: said('', { code: 2 }) })).toThrow('cannot be read');
  });

  it('hostd: esxcli by hostd, localcli without it, and a host that has neither', () => {
    const by = (program: 'esxcli' | 'localcli' | 'none') =>
      parse(hostd, { hostname: said('{}', { cli: { program, format: 'json' } }) });
    expect([by('esxcli'), by('localcli')]).toEqual([true, false]);
    expect(() => by('none')).toThrow('the host has no esxcli that answers');
  });
});

describe('checks that nobody has seen on a host', () => {
  it('name the column that a host names otherwise', () => {
    const sensors = said(toCsv([{ Name: 'Inlet Temp', Reading: '23' }]));
    expect(() => parse(ipmiSensors, { list: sensors })).toThrow(
      'has no column "Description"; it has name, reading',
    );
    const disks = said(toCsv([{ Name: 'root' }]));
    expect(() => parse(ramdisks, { list: disks })).toThrow('has no column "Ramdisk Name"; it has name');
  });

  it.each([
    ['23 degrees C', 23, 'degrees C'],
    ['23.500 degrees C', 23.5, 'degrees C'],
    ['-4.5 degrees C', -4.5, 'degrees C'],
    ['40 %', 40, '%'],
    ['40%', 40, '%'],
    ['0 unspecified', 0, 'unspecified'],
    ['7', 7, ''],
    ['12 m/s', 12, 'm/s'],
  ])('read the sensor reading %j', (reading, value, unit) => {
    const list = said(JSON.stringify([{ Description: 'Inlet', ComputedReading: reading }]));
    expect(parse(ipmiSensors, { list })).toEqual([{ sensor: 'Inlet', unit, value }]);
  });

  it.each(['', 'Not Readable', 'n/a', '1,5 Volts', '0x17', '1.5.0 Volts', '23 \u00b0C', '1e3'])(
    'take %j for no reading of a sensor',
    (reading) => {
      const list = said(JSON.stringify([{ Description: 'Inlet', ComputedReading: reading }]));
      expect(parse(ipmiSensors, { list })).toEqual([]);
    },
  );

  it('read ramdisks with and without the unit, and none that has no limit', () => {
    const rows = [
      { RamdiskName: 'root', Maximum: '32768 KiB', Used: '16384 KiB', MaximumInodes: 8192, UsedInodes: 4096 },
      { RamdiskName: 'tmp', Maximum: 262_144, Used: 262_144, MaximumInodes: 8192, UsedInodes: 8 },
      { RamdiskName: 'free', Maximum: 0, Used: 1, MaximumInodes: 0, UsedInodes: 0 },
    ];
    expect(parse(ramdisks, { list: said(JSON.stringify(rows)) }).map(({ used }) => used)).toEqual([
      0.5,
      1,
      undefined,
    ]);
  });

  it('read an event log that is empty, and the time of its newest entry', () => {
    expect(parse(ipmiEvents, { list: said('[]') })).toEqual({ count: 0, newest: undefined });
    const events = [
      { Record: 1, When: '2026-11-01T10:00:00' },
      { Record: 2, When: '1970-01-01T00:00:10' },
    ];
    expect(parse(ipmiEvents, { list: said(JSON.stringify(events)) })).toEqual({
      count: 2,
      newest: Date.UTC(2026, 10, 1, 10) / 1_000,
    });
  });

  it('take a time of the event log without a zone for UTC, wherever vsweep runs, and no word for a time', () => {
    const before = process.env['TZ'];
    process.env['TZ'] = 'America/New_York';
    try {
      expect(new Date(Date.UTC(2026, 10, 1)).getTimezoneOffset(), 'the zone is another one').toBe(240);
      const newestOf = (When: string) =>
        parse(ipmiEvents, { list: said(JSON.stringify([{ Record: 1, When }])) }).newest;
      const at = Date.UTC(2026, 10, 1, 10, 59, 1) / 1_000;
      expect(newestOf('2026-11-01T10:59:01')).toBe(at);
      expect(newestOf('2026-11-01 10:59:01')).toBe(at);
      expect(newestOf('2026-11-01T10:59:01Z')).toBe(at);
      expect(newestOf('2026-11-01T12:59:01+02:00')).toBe(at);
      expect(['Pre-Init', '', '2026', '11/01/2026 10:59:01'].map(newestOf)).toEqual(Array(4).fill(undefined));
    } finally {
      if (before === undefined) delete process.env['TZ'];
      else process.env['TZ'] = before;
    }
  });
});

describe('every check', () => {
  const esxcli = PROBES.filter((probe) => probe.commands(SETTINGS).some(({ shape }) => shape !== undefined));

  it('by esxcli is read-only: its verb is get or list', () => {
    const verbs = esxcli.flatMap((probe) =>
      probe
        .commands(SETTINGS)
        .flatMap(({ argv, shape, each: of }) => [
          ...(shape === undefined ? [] : [argv.filter((word) => !word.startsWith('-')).at(-1)]),
          ...(of === undefined ? [] : [of.list.split(' ').at(-1)]),
        ]),
    );
    expect(verbs.length).toBeGreaterThan(10);
    expect(new Set(verbs)).toEqual(new Set(['get', 'list']));
  });

  it.each(esxcli.map((probe) => [probe.name, probe] as const))(
    '%s names an error of esxcli, a missing program and half an answer, and never throws anything else',
    (_name, probe) => {
      const keys = probe.commands(SETTINGS).map(({ key }) => key);
      for (const text of [...Object.values(ERRORS), '{"a":', 'x,y,\n1,\n', '\0\u0001', 'Usage: esxcli\n'])
        for (const code of [0, 1, 127, 'timeout'] as const) {
          const answer = said(text, { code });
          const answers = new Map(keys.map((key) => [key, { ...answer, each: [{ name: 'x', answer }] }]));
          try {
            probe.parse(answers, SETTINGS);
          } catch (error) {
            expect(error).toMatchObject({ name: 'SshError' });
          }
        }
    },
  );

  it('is answered by the hosts of the demo, in the formats of 6.7 and of 8', () => {
    for (const version of ['6.7', '8.0'] as const) {
      const { commands, esxcli: answers } = demoChecks({ version });
      const missing = PROBES.filter(({ name }) => name !== 'services').flatMap((probe) =>
        probe.commands(SETTINGS).filter(({ argv, shape, each: of }) => {
          const words = argv.slice(1).join(' ');
          if (of !== undefined) return answers.answers[of.list] === undefined;
          return shape === undefined
            ? commands[argv.join(' ')] === undefined
            : answers.answers[words] === undefined;
        }),
      );
      const isOfOtherVersion = ({ argv: [program] }: { argv: readonly string[] }) =>
        program === (version === '6.7' ? 'faillock' : 'pam_tally2');
      expect(missing.filter((command) => !isOfOtherVersion(command))).toEqual([]);
    }
  });
});
