import { describe, expect, it } from 'vitest';
import { accountFailures } from '../../../../lib/esxi/probes/account-failures.ts';
import { adapterErrors } from '../../../../lib/esxi/probes/adapter-errors.ts';
import { advancedSettings } from '../../../../lib/esxi/probes/advanced-settings.ts';
import { bootbank } from '../../../../lib/esxi/probes/bootbank.ts';
import { coreDumpTarget } from '../../../../lib/esxi/probes/core-dump-target.ts';
import { coreDumps } from '../../../../lib/esxi/probes/core-dumps.ts';
import { hostd } from '../../../../lib/esxi/probes/hostd.ts';
import { ipmiEvents } from '../../../../lib/esxi/probes/ipmi-events.ts';
import { ipmiSensors } from '../../../../lib/esxi/probes/ipmi-sensors.ts';
import { ramdisks } from '../../../../lib/esxi/probes/ramdisks.ts';
import { storagePaths } from '../../../../lib/esxi/probes/storage-paths.ts';
import { vibs } from '../../../../lib/esxi/probes/vibs.ts';
import { json, parse, said } from './answers.ts';

const rows = <Row>(count: number, row: (index: number) => Row): Row[] =>
  Array.from({ length: count }, (_, index) => row(index));

describe('the failed logins of an account', () => {
  const HEAD = 'Login           Failures Latest failure     From\n';
  const tallied = (stdout: string, code: number | 'timeout' = 0) => {
    const answers = { 'tally-root': said(stdout, { code }), 'faillock-vpxuser': said('When Type\n') };
    return parse(accountFailures, answers).find(({ account }) => account === 'root')?.failures;
  };
  const WHEN = 'root:\nWhen                Type  Source       Valid\n';
  const counted = (lines: string, code: number | 'timeout' = 0) =>
    parse(accountFailures, {
      'faillock-root': said(lines, { code }),
      'faillock-vpxuser': said('When Type\n'),
    }).find(({ account }) => account === 'root')?.failures;

  it.each([
    [`${HEAD}root               7    06/07/19 14:12:11  unknown\n`, 7],
    [`${HEAD}root 65535\n`, 65_535],
    [`${HEAD}rooty              7\nroot               3\n`, 3],
    [`${HEAD}noroot             7\n`, 0],
    [`${HEAD}root               many\n`, 0],
    [`${HEAD}root               7x\n`, 0],
    [`note\nLogin Failures\nroot 2\n`, 2],
    [`Login Failuresx\nroot 2\n`, undefined],
    [`No Login Failures\nroot 2\n`, undefined],
    [`LoginFailures\nroot 2\n`, undefined],
    ['', undefined],
  ])('is what pam_tally2 has in its line: %j is %j', (stdout, failures) => {
    expect(tallied(stdout)).toBe(failures);
  });

  it.each([
    [`${WHEN}2026-11-29 10:00:00 RHOST 192.0.2.66   V\n2026-11-30 10:00:00 RHOST x V  \n`, 2],
    [`${WHEN}2026-11-29 10:00:00 RHOST 192.0.2.66   I\n`, 0],
    [`${WHEN}2026-11-29 10:00:00 RHOST hostV\n`, 0],
    [`${WHEN}2026-11-29 10:00:00 RHOST V x\n`, 0],
    [`${WHEN} 2026-11-29 10:00:00 RHOST V\n`, 0],
    [`${WHEN}2026-1-29 10:00:00 RHOST V\n`, 0],
    [`${WHEN}2026-11-29T10:00:00 V\n`, 0],
    ['When Typed\n2026-11-29 10:00:00 RHOST V\n', undefined],
    ['Just When Type\n2026-11-29 10:00:00 RHOST V\n', undefined],
    ['WhenType\n2026-11-29 10:00:00 RHOST V\n', undefined],
  ])('is the number of valid lines of faillock: %j is %j', (stdout, failures) => {
    expect(counted(stdout)).toBe(failures);
  });

  it('is not known by a program that failed', () => {
    expect(tallied(`${HEAD}root 7\n`, 1)).toBeUndefined();
    expect(counted(`${WHEN}2026-11-29 10:00:00 RHOST x V\n`, 'timeout')).toBeUndefined();
  });

  it('is that of pam_tally2 where both programs answer', () => {
    const both = {
      'tally-root': said(`${HEAD}root 7\n`),
      'faillock-root': said(WHEN),
      'tally-vpxuser': said(HEAD),
      'faillock-vpxuser': said(`${WHEN}2026-11-29 10:00:00 RHOST x V\n`),
    };
    expect(parse(accountFailures, both)).toEqual([
      { account: 'root', failures: 7 },
      { account: 'vpxuser', failures: 0 },
    ]);
  });
});

describe('storage', () => {
  const ADAPTER = {
    FailedCommands: 1,
    FailedReadOperations: 2,
    FailedWriteOperations: 3,
    ReservationConflicts: 4,
  };

  it('adapters: each counter by its kind, under the name that the version has for an adapter', () => {
    const printed = [
      { AdapterName: 'vmhba0', ...ADAPTER },
      { Adapter: 'vmhba1', FailedCommands: 5, FailedReadOperations: 'N/A' },
      { Device: 'vmhba2', FailedCommands: 0 },
      { FailedCommands: 9 },
    ];
    expect(parse(adapterErrors, { stats: json(printed) })).toEqual([
      {
        adapter: 'vmhba0',
        counters: [
          ['commands', 1],
          ['reads', 2],
          ['writes', 3],
          ['reservation_conflicts', 4],
        ],
      },
      { adapter: 'vmhba1', counters: [['commands', 5]] },
      { adapter: 'vmhba2', counters: [['commands', 0]] },
    ]);
  });

  it('adapters: the first 64, and none of a table without the column', () => {
    const many = rows(65, (index) => ({ Adapter: `vmhba${index}`, FailedCommands: index }));
    expect(parse(adapterErrors, { stats: json(many) }).map(({ adapter }) => adapter)).toEqual(
      rows(64, (index) => `vmhba${index}`),
    );
    expect(() => parse(adapterErrors, { stats: json([{ Adapter: 'vmhba0' }]) })).toThrow(
      'has no column "Failed Commands"; it has adapter',
    );
  });

  it('paths: a number for each state, whatever capitals it is written with', () => {
    const states = ['active', 'Active', 'standby', 'dead', 'dead', 'dead', 'DISABLED', 'off', ''];
    expect(parse(storagePaths, { paths: json(states.map((State) => ({ State }))) })).toEqual({
      active: 2,
      standby: 1,
      dead: 3,
      disabled: 1,
      other: 2,
    });
  });

  it('ramdisks: the share of their memory and of their inodes, of those that have a limit', () => {
    const of = (Used: unknown, Maximum: unknown, UsedInodes: unknown = 1, MaximumInodes: unknown = 2) =>
      parse(ramdisks, {
        list: json([{ RamdiskName: 'tmp', Used, Maximum, UsedInodes, MaximumInodes }]),
      });
    const tmp = (used: number | undefined, usedInodes: number | undefined = 0.5) => [
      { ramdisk: 'tmp', used, usedInodes },
    ];
    expect(of('0 KiB', '4 KiB')).toEqual(tmp(0));
    expect(of('1KiB', '4')).toEqual(tmp(0.25));
    expect(of(999_999_999_999, 999_999_999_999)).toEqual(tmp(1));
    expect(of(1_000_000_000_000, 4)).toEqual(tmp(undefined));
    expect(of(1, 0)).toEqual(tmp(undefined));
    for (const odd of ['1 MiB', '1 KiB free', '~1 KiB', '1  KiB', '', 'KiB'])
      expect(of(odd, '4 KiB'), odd).toEqual(tmp(undefined));
    expect(of('1', '4', 0, 8)).toEqual(tmp(0.25, 0));
    expect(of('1', '4', -1, 8)).toEqual([{ ramdisk: 'tmp', used: 0.25, usedInodes: undefined }]);
    expect(of('1', '4', 1, 0)).toEqual([{ ramdisk: 'tmp', used: 0.25, usedInodes: undefined }]);
    expect(of('1', '4', 'N/A', 8)).toEqual([{ ramdisk: 'tmp', used: 0.25, usedInodes: undefined }]);
  });

  it('ramdisks: the first 64, and none of a table without one of the columns', () => {
    const many = rows(65, (index) => ({ RamdiskName: `r${index}`, Used: 1, Maximum: 2 }));
    expect(parse(ramdisks, { list: json(many) })).toHaveLength(64);
    const [whole] = many;
    for (const [field, column] of [
      ['RamdiskName', 'Ramdisk Name'],
      ['Used', 'Used'],
      ['Maximum', 'Maximum'],
    ] as const)
      expect(() => parse(ramdisks, { list: json([{ ...whole, [field]: undefined }]) })).toThrow(
        `has no column "${column}"`,
      );
  });
});

describe('the system', () => {
  it('changed settings: in order, with dots, and no name that is none', () => {
    const named = (...paths: string[]) =>
      parse(advancedSettings, { changed: json(paths.map((Path) => ({ Path }))) });
    expect(named('/Net/Z', '/Mem/A.b-c_9', 'Net/A/B', '/a b', '/', 'x;y', `/${'n'.repeat(128)}`)).toEqual({
      count: 4,
      names: ['Mem.A.b-c_9', 'Net.A.B', 'Net.Z', 'n'.repeat(128)],
    });
    expect(named('n'.repeat(129), ' /A/B ', '//A')).toEqual({ count: 2, names: ['.A', 'A.B'] });
  });

  it('changed settings: all are counted, the first hundred have names', () => {
    const many = rows(101, (index) => ({ Path: `/S/${1_000 + index}` }));
    expect(parse(advancedSettings, { changed: json(many.toReversed()) })).toEqual({
      count: 101,
      names: rows(100, (index) => `S.${1_000 + index}`),
    });
  });

  it.each([
    ['/tmp\n', true],
    ['/tmp/x\n', true],
    ['/tmpx\n', false],
    ['  /vmfs/volumes/tmp\n', false],
  ])('boot device: the link leads to %j: lost: %s', (path, isLost) => {
    expect(parse(bootbank, { path: said(path) })).toEqual({ isLost });
  });

  it('dumps: those of the kernel, and those of programs, by their names', () => {
    const files = [
      'vmkernel-zdump.1',
      'vmkernel-old-zdump.2',
      'a-vmkernel-zdump.1',
      'hostd-zdump.000',
      'zdump',
      'notes',
      '',
    ];
    expect(parse(coreDumps, { files: said(files.join('\n')) })).toEqual({ kernel: 1, programs: 2 });
    const absent = said('', { code: 1, stderr: 'ls: NO SUCH FILE OR DIRECTORY' });
    expect(parse(coreDumps, { files: absent })).toEqual({ kernel: 0, programs: 0 });
  });

  it('dump targets: a partition and a file by what is active, a network by its switch', () => {
    const targets = (partition: string, file: string, network: unknown) =>
      parse(coreDumpTarget, {
        partition: json({ Active: partition, Configured: 'x' }),
        file: json({ Active: file }),
        network: json({ Enabled: network }),
      });
    expect(targets('naa.1:7', '', true)).toEqual([
      ['partition', true],
      ['file', false],
      ['network', true],
    ]);
    expect(targets('', '/vmfs/x.dumpfile', false)).toEqual([
      ['partition', false],
      ['file', true],
      ['network', false],
    ]);
    expect(targets(' ', '', 'unset').map(([, isActive]) => isActive)).toEqual([false, false, false]);
    const file = json({ Active: '' });
    expect(parse(coreDumpTarget, { file, partition: said('', { code: 1 }) })).toEqual([['file', false]]);
  });

  it.each([
    [{ partition: json({ Configured: 'x' }) }, 'has no column "Active"; it has configured'],
    [{ network: json({ Active: 'x' }) }, 'has no column "Enabled"; it has active'],
    [{ partition: said('') }, 'esxcli printed nothing'],
  ])('dump targets: %j is no answer', (answers, why) => {
    expect(() => parse(coreDumpTarget, answers)).toThrow(why);
  });

  it.each([
    ['esxcli', 0, true],
    ['esxcli', 1, false],
    ['esxcli', 'timeout', false],
    ['localcli', 0, false],
  ] as const)('hostd: %s that ends with %j says that it answers: %s', (program, code, answers) => {
    const hostname = said('{}', { code, cli: { program, format: 'json' } });
    expect(parse(hostd, { hostname })).toBe(answers);
  });

  it('hostd: nobody knows where the host was not asked', () => {
    expect(() => parse(hostd, { hostname: said('{}') })).toThrow('the host has no esxcli that answers');
  });

  it('packages: numbers of the first eight levels, and a fingerprint that the order of the rows does not change', () => {
    const packages = rows(10, (index) => ({
      Name: `n${index}`,
      Version: '1',
      AcceptanceLevel: `L${index % 9}`,
    }));
    const reading = parse(vibs, { list: json(packages) });
    expect(reading.counts).toEqual([['L0', 2], ...rows(7, (index) => [`L${index + 1}`, 1])]);
    expect(parse(vibs, { list: json(packages.toReversed()) }).fingerprint).toBe(reading.fingerprint);
  });

  it('packages: a fingerprint of 48 bits of their names and versions, and of nothing else', () => {
    const of = (...packages: (readonly [string, string, string?])[]) =>
      parse(vibs, {
        list: json(
          packages.map(([Name, Version, AcceptanceLevel = 'x']) => ({ Name, Version, AcceptanceLevel })),
        ),
      }).fingerprint;
    // printf 'a 1\nb 2' | sha256sum | cut -c1-12
    expect(of(['b', '2'], ['a', '1'])).toBe(0x4ef55c4d7168);
    expect(of(['b', '2', 'y'], ['a', '1', 'z'])).toBe(0x4ef55c4d7168);
    expect(new Set([of(['a', '1'], ['b', '2']), of(['a', '12']), of(['a1', '2'])]).size).toBe(3);
    for (const column of ['Name', 'Version', 'Acceptance Level']) {
      const whole = { Name: 'a', Version: '1', AcceptanceLevel: 'x', [column.replace(' ', '')]: undefined };
      expect(() => parse(vibs, { list: json([whole]) })).toThrow(`has no column "${column}"`);
    }
  });
});

describe('the board', () => {
  const sensor = (ComputedReading: unknown, Description: unknown = 'Inlet') =>
    parse(ipmiSensors, { list: json([{ Description, ComputedReading }]) });

  it('sensors: as many digits and letters as a reading may have, and no more', () => {
    expect(sensor('123456789.123456')).toEqual([{ sensor: 'Inlet', unit: '', value: 123456789.123456 }]);
    expect(sensor('1234567890')).toEqual([]);
    expect(sensor('1.1234567')).toEqual([]);
    expect(sensor('1.')).toEqual([]);
    expect(sensor(`1 ${'m'.repeat(24)}`)).toEqual([{ sensor: 'Inlet', unit: 'm'.repeat(24), value: 1 }]);
    expect(sensor(`1 ${'m'.repeat(25)}`)).toEqual([]);
    expect(sensor('x1 Volts')).toEqual([]);
    expect(sensor('1 Volts!')).toEqual([]);
    expect(sensor(-7)).toEqual([{ sensor: 'Inlet', unit: '', value: -7 }]);
  });

  it('sensors: the first 256, each with a name of at most 128 characters', () => {
    expect(sensor('1', 'n'.repeat(129))).toEqual([{ sensor: 'n'.repeat(128), unit: '', value: 1 }]);
    expect(sensor('1', ' ')).toEqual([]);
    const many = rows(257, (index) => ({ Description: `s${index}`, ComputedReading: '1' }));
    expect(parse(ipmiSensors, { list: json(many) })).toHaveLength(256);
    expect(() => parse(ipmiSensors, { list: json([{ Description: 'x' }]) })).toThrow(
      'has no column "Computed Reading"',
    );
  });

  it('events: the newest time, whatever place it has, and none that is no whole time', () => {
    const newestOf = (...times: string[]) =>
      parse(ipmiEvents, { list: json(times.map((When) => ({ When }))) });
    expect(newestOf('1970-01-01T00:00:05', '1970-01-01T00:00:09', '1970-01-01T00:00:07')).toEqual({
      count: 3,
      newest: 9,
    });
    expect(newestOf('1970-01-01T00:00:01.5Z')).toEqual({ count: 1, newest: 1.5 });
    for (const odd of [
      '1970-01-01T00:00:0',
      'x1970-01-01T00:00:05Z',
      '1970-01-01',
      '1970-01-01T99:00:00Z',
      'Thu, 01 Jan 1970 00:00:05 GMT',
    ])
      expect(newestOf(odd), odd).toEqual({ count: 1, newest: undefined });
    expect(parse(ipmiEvents, { list: json([{ Record: 1 }]) })).toEqual({ count: 1, newest: undefined });
  });
});
