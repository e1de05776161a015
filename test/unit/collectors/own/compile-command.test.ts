import { describe, expect, it } from 'vitest';
import type { ProbeReadings } from '../../../../lib/catalogue/sources/probe.ts';
import { checkOwn, faultsOf } from '../../../../lib/collectors/own/check-own.ts';
import { compileOwn } from '../../../../lib/collectors/own/compile-own.ts';
import { ownProbes } from '../../../../lib/collectors/own/own-probes.ts';
import type { OwnMetricConfig } from '../../../../lib/config/own-metrics.ts';
import { toCsv } from '../../../../lib/demo/esxi-sshd/esxcli.ts';
import { printAnswer, printCli } from '../../../../lib/esxi/session/answers.ts';
import { prepareProbes } from '../../../../lib/esxi/session/prepare-probes.ts';
import { type CommandAnswer, printProbe } from '../../../../lib/esxi/session/probe.ts';
import { readScript } from '../../../../lib/esxi/session/script.ts';

const RAMDISKS = [
  { RamdiskName: 'root', Maximum: 32_768, Used: 16_384, System: true, State: 'mounted' },
  { RamdiskName: 'tmp', Maximum: 262_144, Used: 'N/A', System: false, State: 'full' },
];
const EACH: OwnMetricConfig = {
  esxcli: 'system visorfs ramdisk list',
  each: true,
  value: 'Used',
  labels: { ramdisk: 'RamdiskName' },
};

/** The points and warnings of a metric where its command answers so. */
function evaluate(metric: OwnMetricConfig, answer: Partial<CommandAnswer>) {
  const named = { name: 'esxi_own', metric, preset: 'vmware_exporter' } as const;
  expect(faultsOf(named)).toEqual([]);
  const row = compileOwn(named);
  const [probe] = ownProbes({
    metrics: { esxi_own: metric },
    only: undefined,
    series: 1_000,
    preset: 'vmware_exporter',
  });
  if (row === undefined || probe === undefined) throw new RangeError('no row');
  const [command] = probe.commands({ services: [] });
  const reading = probe.parse(
    new Map([[command?.key ?? '', { code: 0, stdout: '', stderr: '', ...answer }]]),
    { services: [] },
  );
  const readings: ProbeReadings = new Map([[probe.name, reading]]);
  const { points, warnings } = row.source.evaluate(readings);
  return { points: points.map(({ labels, value }) => [...labels, value]), warnings };
}

describe('a metric by a command of esxcli', () => {
  it.each([
    ['json', JSON.stringify(RAMDISKS)],
    ['csv', toCsv(RAMDISKS)],
  ])('is a series a row, by column names in any spelling (%s)', (_format, stdout) => {
    expect(evaluate(EACH, { stdout }).points).toEqual([['root', 16_384]]);
    expect(evaluate({ ...EACH, value: 'used', divide: 'maximum' }, { stdout }).points).toEqual([
      ['root', 0.5],
    ]);
    expect(evaluate({ ...EACH, unset: 0 }, { stdout }).points).toEqual([
      ['root', 16_384],
      ['tmp', 0],
    ]);
    expect(evaluate({ ...EACH, value: 'System' }, { stdout }).points).toEqual([
      ['root', 1],
      ['tmp', 0],
    ]);
    expect(evaluate({ ...EACH, value: 'State', states: ['mounted', 'full'] }, { stdout }).points).toEqual([
      ['root', 'mounted', 1],
      ['root', 'full', 0],
      ['tmp', 'mounted', 0],
      ['tmp', 'full', 1],
    ]);
    expect(evaluate({ ...EACH, value: 'State', test: { equals: 'full' } }, { stdout }).points).toEqual([
      ['root', 0],
      ['tmp', 1],
    ]);
    expect(evaluate({ esxcli: EACH.esxcli, count: 'full' }, { stdout }).points).toEqual([[1]]);
  });

  it('has no series where there are no rows, and none of a row that is divided by nothing or by 0', () => {
    expect(evaluate(EACH, { stdout: '[]' })).toEqual({ points: [], warnings: [] });
    const rows = [
      { RamdiskName: 'a', Used: 4, Maximum: 0 },
      { RamdiskName: 'b', Used: 4, Maximum: 'N/A' },
      { RamdiskName: 'c', Used: 4, Maximum: 8 },
    ];
    expect(evaluate({ ...EACH, divide: 'Maximum' }, { stdout: JSON.stringify(rows) })).toEqual({
      points: [['c', 0.5]],
      warnings: [],
    });
  });

  it('has 1 for each row that is there', () => {
    expect(evaluate({ ...EACH, value: 1 }, { stdout: JSON.stringify(RAMDISKS) }).points).toEqual([
      ['root', 1],
      ['tmp', 1],
    ]);
  });

  it('says which states a value is none of', () => {
    const metric: OwnMetricConfig = { ...EACH, value: 'State', states: ['mounted', 'empty'] };
    expect(evaluate(metric, { stdout: JSON.stringify(RAMDISKS) }).warnings).toEqual([
      'esxi_own: a value is none of mounted, empty',
    ]);
  });

  it('counts no row by a column that may hold a secret', () => {
    const stdout = JSON.stringify([{ Path: '/UserVars/X', 'String Value': 'hunter2', 'Int Value': 0 }]);
    const settings: OwnMetricConfig = { esxcli: 'system settings advanced list', count: 'hunter' };
    expect(evaluate(settings, { stdout }).points).toEqual([[0]]);
    expect(evaluate({ ...settings, count: '^/UserVars' }, { stdout }).points).toEqual([[1]]);
  });

  it('is one series of an object', () => {
    const stdout = '{"Enabled": true, "Port": "5989", "Loglevel": "warning"}';
    const metric: OwnMetricConfig = { esxcli: 'system ntp get', value: 'Enabled' };
    expect(evaluate(metric, { stdout }).points).toEqual([[1]]);
    expect(evaluate({ ...metric, value: 'Port', scale: 2 }, { stdout }).points).toEqual([[11_978]]);
    expect(evaluate({ ...metric, value: 'Loglevel' }, { stdout })).toEqual({
      points: [],
      warnings: ['esxi_own: a value is no number'],
    });
  });

  it('names a column that the host does not have, with those that it has', () => {
    expect(evaluate({ ...EACH, value: 'Usde' }, { stdout: toCsv(RAMDISKS) })).toEqual({
      points: [],
      warnings: [
        'esxi_own: the command has no column "Usde"; it has maximum, ramdiskname, state, system, used',
      ],
    });
  });

  it('has no more series than max, and says so', () => {
    const stdout = toCsv(
      Array.from({ length: 5 }, (_, index) => ({ RamdiskName: `r${index}`, Used: index })),
    );
    const { points, warnings } = evaluate({ ...EACH, max: 2 }, { stdout });
    expect(points).toHaveLength(2);
    expect(warnings).toEqual(['esxi_own: the command has more than 2 rows; the rest is left out']);
  });

  it('cuts a label of 65 kB, and takes end of lines out of it', () => {
    const stdout = JSON.stringify([{ RamdiskName: `a\n"} 1\n${'x'.repeat(65_536)}`, Used: 1 }]);
    const [[label] = []] = evaluate(EACH, { stdout }).points;
    expect(String(label)).toHaveLength(256);
    expect(label).not.toContain('\n');
  });

  it('fails by name for an error, a time-out and half an answer, and quotes nothing of it', () => {
    const secret = 'Communities: s3cret\n';
    expect(() => evaluate(EACH, { code: 1, stdout: secret })).toThrow('ended with code 1');
    expect(() => evaluate(EACH, { code: 1, stdout: secret })).not.toThrow('s3cret');
    expect(() => evaluate(EACH, { code: 'timeout' })).toThrow('did not end in 8 s');
    expect(() => evaluate(EACH, { stdout: '[{"Used": 1' })).toThrow('cut off or broken');
    expect(() => evaluate(EACH, { code: 127 })).toThrow('the host has no esxcli');
  });

  it('has the probe of every other metric of the same command: the host is asked once', () => {
    const metrics = { a: EACH, b: { ...EACH, value: 'Maximum' }, c: { ...EACH, timeout: 5 } };
    const probes = ownProbes({ metrics, only: undefined, series: 1_000, preset: 'vmware_exporter' });
    expect(probes).toHaveLength(2);
    for (const { name } of probes) expect(name).toMatch(/^[a-z][a-z0-9-]{0,31}$/);
  });
});

describe('a metric by a command of ssh', () => {
  it('counts lines, tests text, and is a number where the text is one', () => {
    const tail: OwnMetricConfig = {
      ssh: ['tail', '-n', '2000', '/var/run/log/vmkernel.log'],
      count: 'APD|permanent device loss',
    };
    expect(evaluate(tail, { stdout: 'x APD y\nz\npermanent device loss\n' }).points).toEqual([[2]]);
    const bootbank: OwnMetricConfig = { ssh: ['readlink', '-f', '/bootbank'], test: { matches: '^/tmp' } };
    expect(evaluate(bootbank, { stdout: '/tmp\n' }).points).toEqual([[1]]);
    expect(evaluate(bootbank, { stdout: '/vmfs/volumes/x\n' }).points).toEqual([[0]]);
    const grep: OwnMetricConfig = { ssh: ['grep', '-c', '-E', 'APD', '/var/run/log/vmkernel.log'] };
    expect(evaluate(grep, { stdout: '0\n', code: 1 }).points).toEqual([[0]]);
    expect(evaluate(grep, { stdout: 'words\n' }).warnings).toEqual([
      'esxi_own: the command printed no number',
    ]);
  });

  it.each([
    ['8.10', { equals: '8.10' }, 1],
    ['8.10', { equals: '8.1' }, 0],
    ['7.0', { matches: '^7\\.0$' }, 1],
    ['007', { equals: '007' }, 1],
    ['123456789012345678901', { equals: '123456789012345678901' }, 1],
    ['8.10', { equals: 8.1 }, 1],
    ['8.10', { above: 8, below: 8.2 }, 1],
    ['8.10', { equals: '8.10', above: 9 }, 0],
    ['words', { above: 0 }, 0],
  ])('tests %j as a text by %j, and as a number by above, below and a number', (printed, test, expected) => {
    const ssh: OwnMetricConfig = { ssh: ['readlink', '-f', '/scratch'], test };
    expect(evaluate(ssh, { stdout: `${printed}\n` }).points).toEqual([[expected]]);
    const esxcli: OwnMetricConfig = { esxcli: 'system ntp get', value: 'Version', test };
    expect(evaluate(esxcli, { stdout: JSON.stringify({ Version: printed }) }).points).toEqual([[expected]]);
  });

  it('tests a hexadecimal text of esxcli as both', () => {
    const stdout = JSON.stringify({ Warning: '0x1a' });
    for (const test of [{ equals: '0x1a' }, { matches: '^0x' }, { equals: 26 }, { above: 25 }])
      expect(evaluate({ esxcli: 'system ntp get', value: 'Warning', test }, { stdout }).points).toEqual([
        [1],
      ]);
  });

  it('is the number of lines that wc prints before the file', () => {
    const wc: OwnMetricConfig = { ssh: ['wc', '-l', '/var/run/log/hostd.log'] };
    const stdout = '  1234 /var/run/log/hostd.log\n';
    expect(evaluate(wc, { stdout }).points).toEqual([[1_234]]);
    expect(evaluate({ ...wc, test: { above: 1_000 } }, { stdout }).points).toEqual([[1]]);
    expect(evaluate(wc, { stdout: 'wc: no such file\n' }).points).toEqual([]);
  });

  it.each<[string, OwnMetricConfig, string]>([
    [
      'the newest lines of a log',
      { ssh: ['tail', '-n', '9999', '/var/run/log/hostd.log'], count: 'APD' },
      `${'x'.repeat(250)}\n`.repeat(9_000) + 'APD\n'.repeat(999),
    ],
    [
      'the last rows of a list',
      { esxcli: 'system visorfs ramdisk list', count: 'full' },
      toCsv(Array.from({ length: 3_999 }, () => ({ RamdiskName: 'r'.repeat(230), State: 'full' }))),
    ],
  ])('fails where the host printed more than is kept: %s are missing', (_what, metric, stdout) => {
    const own = {
      metrics: { esxi_own: metric },
      only: undefined,
      series: 1_000,
      preset: 'vmware_exporter',
    } as const;
    const prepared = prepareProbes(ownProbes(own), { services: [] }, { sessionMs: 15_000 });
    const [command] = readScript(prepared.script('n0000000'))?.commands ?? [];
    if (command === undefined) throw new RangeError('no command');
    const printed = printCli('n0000000', { program: 'esxcli', format: 'csv' });
    const answer = printAnswer('n0000000', command, { code: 0, stdout });
    const { readings, failed } = prepared.read(printed + answer, 'n0000000');
    expect(readings.size).toBe(0);
    expect(failed.map(({ why }) => why)).toEqual([
      expect.stringMatching(
        /printed more than \d+ lines of 200 bytes, so the last ones are missing; ask for less/,
      ),
    ]);
  });

  it('is linear in its text, whatever the pattern', () => {
    const count: OwnMetricConfig = { ssh: ['tail', '-n', '9', '/var/run/log/vmkernel.log'], count: '(a+)+$' };
    expect(evaluate(count, { stdout: `${'a'.repeat(4_000)}b\n` }).points).toEqual([[0]]);
  });
});

describe('a pattern of a metric by a command', () => {
  it('may be large, and the answer may be long, but not both: then there is no sample, and why is said', () => {
    const count = `error.{0,60}(timeout|lost)`;
    const metric: OwnMetricConfig = { ssh: ['tail', '-n', '9', '/var/run/log/vmkernel.log'], count };
    const line = `${'error '.repeat(40)}\n`;
    expect(evaluate(metric, { stdout: line.repeat(500) }).points).toEqual([[0]]);
    expect(() => evaluate(metric, { stdout: line.repeat(5_000) })).toThrow(
      /^the answer has 1200000 characters, and "error\.\{0,60\}\(timeout\|lost\)" is matched against at most \d+; write/,
    );
    const test = { matches: count };
    expect(() => evaluate({ ssh: metric.ssh, test }, { stdout: line.repeat(5_000) })).toThrow(
      'the answer has',
    );
    const rows = Array.from({ length: 4_000 }, () => ({ Name: 'error '.repeat(60), Used: 1 }));
    const stdout = JSON.stringify(rows);
    const esxcli = 'system visorfs ramdisk list';
    expect(() => evaluate({ esxcli, count }, { stdout })).toThrow('the answer has');
    expect(() => evaluate({ esxcli, each: true, max: 10_000, value: 'Name', test }, { stdout })).toThrow(
      'the answer has',
    );
  });

  it('is refused with a number of repeats that makes it large', () => {
    for (const at of ['count', 'test.matches']) {
      const pattern = 'error.{0,900}(timeout|lost)';
      const ssh = ['tail', '-n', '9', '/var/run/log/vmkernel.log'];
      const metric = at === 'count' ? { ssh, count: pattern } : { ssh, test: { matches: pattern } };
      expect(faultsOf({ name: 'esxi_own', metric, preset: 'vmware_exporter' })).toEqual([
        {
          at,
          message: expect.stringMatching(
            /^the pattern has 18\d\d states, and at most 300 are possible; write/,
          ),
        },
      ]);
    }
  });
});

describe('a command of which one row is the value', () => {
  it('is refused where it prints a list, and has no sample where it printed several rows all the same', () => {
    const value = 'Used';
    const list: OwnMetricConfig = { esxcli: 'system visorfs ramdisk list', value };
    expect(faultsOf({ name: 'esxi_own', metric: list, preset: 'vmware_exporter' })).toEqual([
      { at: 'value', message: expect.stringMatching(/^of which row\?.*add each: true/) },
    ]);
    const stdout = JSON.stringify(RAMDISKS);
    const get: OwnMetricConfig = { esxcli: 'system visorfs get', value };
    expect(evaluate(get, { stdout })).toEqual({
      points: [],
      warnings: [
        'esxi_own: the command printed 2 rows; add each: true for a series per row, with labels that tell them apart',
      ],
    });
    expect(evaluate(get, { stdout: JSON.stringify(RAMDISKS.slice(0, 1)) }).points).toEqual([[16_384]]);
  });

  it('is called by its metrics in messages, not by the hash that names its probe', () => {
    const metrics = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`esxi_${name}`, EACH]));
    const probes = ownProbes({ metrics, only: undefined, series: 1_000, preset: 'vmware_exporter' });
    expect(probes.map(printProbe)).toEqual(['the command of esxi_a, esxi_b, esxi_c and 1 more']);
  });
});

describe('the check of metrics by commands', () => {
  const faults = (metric: object, esxi: object = { esxi: {} }) =>
    checkOwn({ ...esxi, metrics: { own: { esxi_x: metric } } }).map(({ path, message }) => [path, message]);

  it('refuses what changes, what is secret, and what is not in the list, each with its place', () => {
    expect(faults({ esxcli: 'system maintenanceMode set', value: 'Enabled' })).toEqual([
      ['metrics.own.esxi_x.esxcli', expect.stringContaining('no verb that only reads')],
    ]);
    expect(faults({ esxcli: 'system snmp get', value: 'Enable' })).toEqual([
      ['metrics.own.esxi_x.esxcli', expect.stringContaining('may print secrets')],
    ]);
    expect(faults({ ssh: ['cat', '/etc/shadow'], test: { matches: 'root' } })).toEqual([
      ['metrics.own.esxi_x.ssh', expect.stringContaining('"cat" is not in the list')],
    ]);
    expect(
      faults({
        esxcli: 'system settings advanced list',
        each: true,
        value: 'IntValue',
        labels: { v: 'StringValue' },
      }),
    ).toEqual([['metrics.own.esxi_x.labels.v', expect.stringContaining('may hold a secret')]]);
    expect(
      faults({ esxcli: 'system process list', each: true, value: 1, labels: { v: 'CommandLine' } }),
    ).toEqual([['metrics.own.esxi_x.labels.v', expect.stringContaining('may hold a secret')]]);
  });

  it('names a typing error, a value that is missing, and labels that every series has', () => {
    expect(faults({ esxcli: 'system visorfs ramdsik list' })).toEqual([
      ['metrics.own.esxi_x.esxcli', expect.stringContaining('did you mean "system visorfs ramdisk list"?')],
      ['metrics.own.esxi_x.value', expect.stringContaining('write the column that is the value')],
    ]);
    expect(
      faults({
        esxcli: 'system visorfs ramdisk list',
        each: true,
        value: 'Used',
        labels: { host_name: 'RamdiskName' },
      }),
    ).toEqual([['metrics.own.esxi_x.labels.host_name', expect.stringContaining('host_name')]]);
  });

  it('says that hosts are asked by ssh where nothing says how', () => {
    expect(faults({ ssh: ['uptime'], test: { matches: 'up' } }, {})).toEqual([
      ['metrics.own.esxi_x.ssh', expect.stringContaining('no section "esxi"')],
    ]);
  });
});

describe('the row and the probe of a metric by a command', () => {
  const rowOf = (metric: OwnMetricConfig) =>
    compileOwn({ name: 'esxi_own', metric, preset: 'vmware_exporter' });
  const tail = ['tail', '-n', '9', '/var/run/log/vmkernel.log'];

  it.each<[OwnMetricConfig, readonly [help: string, unit: string, labels: readonly string[]]]>([
    [EACH, ['esxcli system visorfs ramdisk list, Used', 'number', ['ramdisk']]],
    [
      { ...EACH, divide: 'Maximum', scale: 100 },
      ['esxcli system visorfs ramdisk list, Used, divided by Maximum, times 100', 'number', ['ramdisk']],
    ],
    [
      { ...EACH, value: 'State', states: ['mounted'] },
      ['esxcli system visorfs ramdisk list, State', 'state', ['ramdisk', 'state']],
    ],
    [{ ssh: tail, count: 'APD' }, [`${tail.join(' ')}, lines that match APD`, 'number', []]],
    [
      { ssh: ['readlink', '-f', '/scratch'], test: { matches: '^/tmp', above: 3 } },
      ['readlink -f /scratch, 1 if it matches ^/tmp and is above 3, else 0', 'boolean', []],
    ],
    [{ ssh: ['date', '+%s'], help: 'Time' }, ['Time', 'number', []]],
  ])('of %j says %j', (metric, said) => {
    const row = rowOf(metric);
    expect([row?.help, row?.unit, row?.labels]).toEqual(said);
    expect(row).toMatchObject({
      kind: 'host',
      privilege: 'login by ssh',
      since: '6.7',
      isOwn: true,
      preset: 'vmware_exporter',
    });
  });

  it('is none of a command that the check refuses, and of none', () => {
    for (const metric of [{ ssh: ['rm', '/'] }, { esxcli: 'system snmp get' }, { value: 'a' }])
      expect(rowOf(metric)).toBeUndefined();
    expect(ownProbes(undefined)).toEqual([]);
  });

  const only = { only: undefined, series: 1_000, preset: 'vmware_exporter' } as const;
  it.each<[OwnMetricConfig, object]>([
    [EACH, { seconds: 8, keeps: { lines: 6_000 }, anyEnd: true, of: 'esxi_own' }],
    [{ esxcli: 'system visorfs ramdisk list', count: 'a' }, { keeps: { lines: 6_000 } }],
    [{ esxcli: 'system ntp get', value: 'a' }, { keeps: { lines: 400 } }],
    [
      { ssh: tail, count: 'a', timeout: 3 },
      { seconds: 3, keeps: { lines: 12_000 } },
    ],
  ])('of %j keeps so much, in that time', (metric, expected) => {
    expect(ownProbes({ metrics: { esxi_own: metric }, ...only })).toEqual([
      expect.objectContaining(expected),
    ]);
  });

  it('is named by what its command is: the same on every machine', () => {
    const [probe] = ownProbes({ metrics: { esxi_own: { ssh: tail, count: 'a' } }, ...only });
    const command = { key: 'text', argv: tail };
    expect(probe?.commands({ services: [] })).toEqual([command]);
    expect(probe?.name).toMatch(/^own-[0-9a-f]{12}$/);
    const metrics = { esxi_a: EACH, esxi_b: EACH, esxi_c: EACH };
    expect(ownProbes({ metrics, ...only }).map(({ of }) => of)).toEqual(['esxi_a, esxi_b, esxi_c']);
  });

  it('reads the newest 10,000 lines, the first 4,096 characters of each', () => {
    const [probe] = ownProbes({ metrics: { esxi_own: { ssh: tail, count: 'a' } }, ...only });
    const read = (stdout: string) =>
      probe?.parse(new Map([['text', { code: 0, stdout, stderr: '' }]]), { services: [] });
    expect(read('a\nb\n')).toEqual({ kind: 'text', lines: ['a', 'b'] });
    expect(read('a\n\nb')).toEqual({ kind: 'text', lines: ['a', '', 'b'] });
    expect(read(`${'x'.repeat(4_097)}\n`)).toEqual({ kind: 'text', lines: ['x'.repeat(4_096)] });
    const { lines } = read(`old\n${'new\n'.repeat(10_000)}`) as { lines: string[] };
    expect([lines.length, lines[0]]).toEqual([10_000, 'new']);
  });

  it.each<[Partial<CommandAnswer>, string]>([
    [{ code: 'timeout' }, `"${tail.join(' ')}" did not end in 8 s and was killed; run it on the host`],
    [{ code: 127 }, 'the host has no tail'],
    [{ code: 127, stdout: 'x' }, `"${tail.join(' ')}" ended with code 127; run it on the host`],
    [{ code: 1 }, `"${tail.join(' ')}" ended with code 1; run it on the host`],
    [
      { isOver: true },
      `"${tail.join(' ')}" printed more than 12000 lines of 200 bytes, so the last ones are missing; ask for less, as by a lower tail -n or by grep -c`,
    ],
  ])('fails at %j by name', (answer, message) => {
    expect(() => evaluate({ ssh: tail, count: 'a' }, answer)).toThrow(expect.objectContaining({ message }));
  });

  it('takes 1 of grep for no line, and every other code for a failure', () => {
    const grep: OwnMetricConfig = { ssh: ['grep', '-c', '-E', 'a', '/var/run/log/vmkernel.log'] };
    expect(evaluate(grep, { stdout: '0\n', code: 1 }).points).toEqual([[0]]);
    expect(() => evaluate(grep, { stdout: '0\n', code: 2 })).toThrow('ended with code 2');
  });
});
