import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { DEMO_TARGET, startDemoFleet } from '../../../lib/demo/start-demo-fleet.ts';
import { type ParsedSeries, parseExposition } from '../../support/exposition.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from '../cli/vsweep-command.ts';

const OWN = `metrics:
  own:
    esxi_own_ramdisk_used_ratio:
      esxcli: system visorfs ramdisk list
      each: true
      value: Used
      divide: Maximum
      labels: { ramdisk: RamdiskName }
    esxi_own_dead_paths:
      esxcli: storage core path list
      count: dead
    esxi_own_bootbank_lost:
      ssh: [readlink, -f, /bootbank]
      test: { matches: "^/tmp" }
    esxi_own_scratch_in_memory:
      ssh: [readlink, -f, /scratch]
      test: { matches: "^/tmp" }
    esxi_own_apd_lines:
      ssh: [tail, -n, 2000, /var/run/log/vmkernel.log]
      count: "APD|permanent device loss"
    esxi_own_coredump_network:
      esxcli: system coredump network get
      value: Enabled
    esxi_own_absent:
      esxcli: system nothing list
      each: true
      value: Used
`;

describe('own metrics by commands over the simulated fleet', () => {
  let swept: Awaited<ReturnType<typeof vsweep>>;
  let checked: Awaited<ReturnType<typeof vsweep>>;
  let tried: Awaited<ReturnType<typeof vsweep>>;
  let failed: Awaited<ReturnType<typeof vsweep>>;
  let loginsOfTry: readonly number[] = [];
  let polled: readonly Awaited<ReturnType<typeof vsweep>>[] = [];
  let series: readonly ParsedSeries[] = [];

  beforeAll(async () => {
    await using fleet = await startDemoFleet({ pace: 'unhurried' });
    await using folder = await createTemporaryFolder('own-commands');
    for (const [name, text] of Object.entries(fleet.files))
      await writeFile(join(folder.path, name), text, { mode: 0o600 });
    await appendFile(join(folder.path, 'vsweep.yaml'), OWN);
    checked = await vsweep(folder.path, 'config', 'check');
    swept = await vsweep(folder.path, 'sweep', 'own-15m', '--dry-run');
    series = parseExposition(swept.output);
    const logins = () =>
      fleet.hosts.map(({ address }) => {
        const { accepted, refused } = fleet.esxi.loginAttempts(address);
        return accepted + refused;
      });
    const tryIt = (metric: string) =>
      vsweep(folder.path, 'metrics', 'try', metric, '--object', 'esx23.example.org');
    const before = logins();
    tried = await tryIt('esxi_own_dead_paths');
    loginsOfTry = logins().map((count, index) => count - (before[index] ?? 0));
    failed = await tryIt('esxi_own_absent');
    const poll = (properties: string) =>
      vsweep(
        folder.path,
        'poll',
        '-m',
        'metric.get',
        '-V',
        DEMO_TARGET,
        '-n',
        'esx23.example.org',
        '-p',
        properties,
        '--json',
      );
    polled = [await poll('esxi_own_dead_paths,vmware_host_power_state'), await poll('esxi_own_absent')];
  }, 120_000);

  const valuesOf = (name: string, wanted: Readonly<Record<string, string>>) =>
    series
      .filter(
        (one) =>
          one.name === name && Object.entries(wanted).every(([label, text]) => one.labels[label] === text),
      )
      .map(({ value }) => value);
  const on = (number: string) => ({ host_name: `esx${number}.example.org` });

  it('are checked on the laptop, beside a sweep of services of the same hosts', () => {
    expect(checked.output + checked.errors).toContain('ok');
  });

  it.each([
    [
      'a full ramdisk, as csv on a host of 6.7',
      'esxi_own_ramdisk_used_ratio',
      { ...on('17'), ramdisk: 'tmp' },
      [1],
    ],
    [
      'an ordinary one, as json on a host of 8',
      'esxi_own_ramdisk_used_ratio',
      { ...on('01'), ramdisk: 'tmp' },
      [0.03125],
    ],
    ['dead paths', 'esxi_own_dead_paths', on('23'), [2]],
    ['none', 'esxi_own_dead_paths', on('01'), [0]],
    ['a lost boot device', 'esxi_own_bootbank_lost', on('17'), [1]],
    ['scratch in memory', 'esxi_own_scratch_in_memory', on('17'), [1]],
    ['scratch on a disk', 'esxi_own_scratch_in_memory', on('01'), [0]],
    ['lines of a log', 'esxi_own_apd_lines', on('01'), [0]],
    ['a boolean', 'esxi_own_coredump_network', on('01'), [0]],
    ['a host without hostd, by localcli', 'esxi_own_dead_paths', on('05'), [0]],
  ])('shows %s', (_what, name, labels, values) => {
    expect(valuesOf(name, labels)).toEqual(values);
  });

  it('are tried on one host, and no other is logged in to', () => {
    expect(tried.errors).toBe('');
    expect(tried.output).toMatch(
      /^vc\S+: host esx23\.example\.org \(host-\d+\)\nread:\n {2}command = esxcli storage core path list\n/,
    );
    expect(tried.output).toMatch(
      /pushed as:\n {2}esxi_own_dead_paths\{host_name="esx23\.example\.org",[^}]*\} 2\n/,
    );
    expect(tried.exitCode).toBe(0);
    expect(loginsOfTry.filter((count) => count > 0)).toEqual([1]);
  });

  it('are tried, and the command that failed is named', () => {
    expect(failed.exitCode).toBe(1);
    expect(failed.output).toMatch(
      /no series\nwarning: .*esxi_own_absent.*"esxcli system nothing list" ended with code 1/,
    );
    // What other hosts are like is not what was asked.
    expect(failed.output).not.toContain('ssh is off');
  });

  it('are polled beside metrics of vCenter, and a command that failed is named', () => {
    expect(polled.map(({ output }) => JSON.parse(output) as unknown)).toEqual([
      {
        success: 0,
        msg: 'Successfully retrieved metrics',
        result: [
          { name: 'esx23.example.org', esxi_own_dead_paths: 2 },
          { name: 'esx23.example.org', vmware_host_power_state: 1 },
        ],
      },
      {
        success: 1,
        msg: expect.stringMatching(
          /the command of esxi_own_absent.*"esxcli system nothing list" ended with code 1/,
        ),
      },
    ]);
  });

  it('say which command failed, and how many hosts it failed on; the others have their series', () => {
    expect(series.some(({ name }) => name === 'esxi_own_absent')).toBe(false);
    expect(swept.errors).toContain(
      'the command of esxi_own_absent failed: "esxcli system nothing list" ended with code 1',
    );
  });
});
