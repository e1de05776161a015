import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { startDemoFleet } from '../../../lib/demo/start-demo-fleet.ts';
import { type ParsedSeries, parseExposition } from '../../support/exposition.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from '../cli/vsweep-command.ts';

const CHECKS = COLLECTORS.filter(({ name }) => /^host-(checks|disks|checks-unseen)$/.test(name));

describe('a sweep of the checks of hosts over the simulated fleet', () => {
  let swept: Awaited<ReturnType<typeof vsweep>>;
  let series: readonly ParsedSeries[] = [];
  let logins: readonly { accepted: number; refused: number }[] = [];

  beforeAll(async () => {
    await using fleet = await startDemoFleet({ pace: 'unhurried' });
    await using folder = await createTemporaryFolder('host-checks');
    for (const [name, text] of Object.entries(fleet.files))
      await writeFile(join(folder.path, name), text, { mode: 0o600 });
    const config = join(folder.path, 'vsweep.yaml');
    const names = ['ssh-services', ...CHECKS.map(({ name }) => name)].join(', ');
    const text = (await readFile(config, 'utf8')).replace(/collectors: \[.*\]/, `collectors: [${names}]`);
    await writeFile(config, text);
    swept = await vsweep(folder.path, 'sweep', 'services', '--dry-run');
    series = parseExposition(swept.output);
    logins = fleet.hosts.map(({ address }) => fleet.esxi.loginAttempts(address));
  }, 120_000);

  const of = (name: string, wanted: Readonly<Record<string, string>> = {}) =>
    series.filter(
      (one) =>
        one.name === name && Object.entries(wanted).every(([label, text]) => one.labels[label] === text),
    );
  const valuesOf = (...of_: Parameters<typeof of>) => of(...of_).map(({ value }) => value);
  const on = (number: string) => ({ hostsystem: `esx${number}.example.org` });

  it.each(CHECKS)('has series of every metric of $name', ({ metrics }) => {
    for (const { name } of metrics) expect([name, of(name).length > 0]).toEqual([name, true]);
  });

  it('logs in to no host twice', () => {
    expect(Math.max(...logins.map(({ accepted, refused }) => accepted + refused))).toBe(1);
  });

  it.each([
    ['hostd that is dead, by localcli', 'esxi_hostd_answers', on('05'), [0]],
    ['what else is known of that host', 'esxi_bootbank_lost', on('05'), [0]],
    ['no time server', 'esxi_ntp_synchronized', on('11'), [0]],
    ['a boot device that is lost', 'esxi_bootbank_lost', on('17'), [1]],
    ['failed logins', 'esxi_account_failed_logins', { ...on('17'), account: 'root' }, [3]],
    ['a full ramdisk', 'esxi_ramdisk_used_ratio', { ...on('17'), ramdisk: 'tmp' }, [1]],
    ['dead paths', 'esxi_storage_paths', { ...on('23'), state: 'dead' }, [2]],
    ['errors of a NIC', 'esxi_nic_errors', { ...on('23'), nic: 'vmnic0', kind: 'receive_crc' }, [41]],
    ['a disk that fails', 'esxi_disk_smart_healthy', on('23'), [0]],
    ['an NVMe disk that is worn out', 'esxi_nvme_used_percent', on('23'), [101]],
    ['a purple screen', 'esxi_core_dumps', { ...on('23'), of: 'kernel' }, [1]],
    ['lines of the log', 'esxi_vmkernel_log_lines', { ...on('23'), pattern: 'all_paths_down' }, [6]],
  ])('shows %s', (_what, name, labels, values) => {
    expect(valuesOf(name, labels)).toEqual(values);
  });

  it('has the same of every healthy host, and the services beside', () => {
    expect(new Set(valuesOf('esxi_vibs_fingerprint')).size).toBe(1);
    expect(valuesOf('esxi_hostd_answers').filter((value) => value === 0)).toHaveLength(1);
    expect(of('esxi_service_state', on('01')).length).toBeGreaterThan(0);
  });

  it('warns of the hosts whose hostd is silent, once', () => {
    expect(swept.errors).toMatch(/localcli was asked.*\(1 host|localcli was asked/);
  });
});
