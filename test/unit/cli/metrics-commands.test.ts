import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { metricsListCommand } from '../../../lib/cli/metrics.ts';
import { checkOwn, metricsCheckCommand, printChecked } from '../../../lib/cli/metrics-check.ts';
import { CHECKED_COLLECTORS } from '../../../lib/collectors/checked-collectors.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { parseConfig } from '../../../lib/config/parse-config.ts';
import { here } from '../../support/cli/here.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/peers/temporary-folder.ts';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await createTemporaryFolder('metrics-commands');
});
afterAll(() => folder[Symbol.asyncDispose]());

function configured(metrics: object): string {
  const file = join(folder.path, 'vsweep.yaml');
  writeFileSync(
    file,
    stringify({
      targets: [{ name: 'vc1', credentials: { env: 'VC1' } }],
      sweeps: ['fast', 'slow'].map((name) => ({ name, every: '1m', collectors: ['own'] })),
      esxi: { credentials: { env: 'ESXI' }, hostKeys: { unknown: 'refuse' } },
      state: { path: join(folder.path, 'none') },
      metrics,
    }),
  );
  return file;
}

const OWN = {
  own_flag: { property: 'VirtualMachine runtime.consolidationNeeded' },
  own_lockdown: {
    property: 'HostSystem config.lockdownMode',
    states: ['lockdownDisabled', 'lockdownStrict'],
  },
  own_nic: {
    each: 'HostSystem config.network.pnic',
    value: 'linkSpeed.speedMb',
    labels: { nic: 'device' },
  },
  own_boot: { ssh: ['readlink', '-f', '/bootbank'], test: { matches: '^/tmp' } },
};

describe('vsweep metrics check', () => {
  const check = (metrics: object, json = false) =>
    here(() => metricsCheckCommand({ config: configured(metrics), json }));

  it('says of each own metric what it is made from and what it costs, before any run', async () => {
    expect(await check({ own: OWN, series: 7 })).toEqual({
      output: `own_flag: VirtualMachine runtime.consolidationNeeded
  sweep fast, slow; 1 series per vm
  labels vm_name, ds_name, host_name, dc_name, cluster_name
own_lockdown: HostSystem config.lockdownMode
  sweep fast, slow; 2 series per host at most
  labels host_name, dc_name, cluster_name, state
own_nic: HostSystem config.network.pnic
  sweep fast, slow; 256 series per host at most
  labels host_name, dc_name, cluster_name, nic
own_boot: readlink -f /bootbank
  sweep own-15m; 1 series per host
  labels host_name, dc_name, cluster_name
4 own metrics: ok; metrics.series is 7 per sweep and target
`,
      errors: '',
      exitCode: 0,
    });
  });

  it('has all of it as JSON', async () => {
    const { output } = await check({ own: { own_flag: OWN.own_flag } }, true);
    expect(JSON.parse(output)).toEqual({
      ok: true,
      metrics: [
        {
          name: 'own_flag',
          sweep: 'fast, slow',
          from: 'VirtualMachine runtime.consolidationNeeded',
          kind: 'vm',
          labels: ['vm_name', 'ds_name', 'host_name', 'dc_name', 'cluster_name'],
          since: '5.0',
          perObject: 1,
          privilege: 'System.Read',
          notes: [],
        },
      ],
    });
  });

  it('says how many series the objects of the last runs make, up to the budget and above it', () => {
    const loaded = (series: number) => ({
      config: parseConfig(
        readFileSync(configured({ own: { own_flag: OWN.own_flag, own_nic: OWN.own_nic }, series }), 'utf8'),
        {
          file: 'vsweep.yaml',
          collectors: CHECKED_COLLECTORS,
        },
      ),
    });
    const told = (series: number, objects: readonly (readonly [string, number])[]) =>
      printChecked(checkOwn(loaded(series), new Map(objects)), loaded(series))
        .split('\n')
        .filter((line) => !line.startsWith('  labels'));
    const both = [
      ['vm', 100],
      ['host', 2],
    ] as const;
    expect(told(612, both)).toEqual([
      'own_flag: VirtualMachine runtime.consolidationNeeded',
      '  sweep fast, slow; 1 series per vm, 100 by the last run',
      'own_nic: HostSystem config.network.pnic',
      '  sweep fast, slow; 256 series per host at most, 512 by the last run',
      '2 own metrics: ok; metrics.series is 612 per sweep and target',
    ]);
    expect(told(611, both).at(-1)).toBe(
      '2 own metrics: 612 series, and metrics.series is 611 per sweep and target: the largest will be left out',
    );
    expect(told(99, [['vm', 100]]).at(-1)).toBe(
      '2 own metrics: 100 series, and metrics.series is 99 per sweep and target: the largest will be left out',
    );
  });
});

describe('vsweep metrics list', () => {
  const list = async (options: Parameters<typeof metricsListCommand>[0]) =>
    (await here(() => metricsListCommand(options))).output;
  type Listed = { collector: string; name: string; preset: string };

  it('has a row for each metric, with its collectors, kind, name and meaning', async () => {
    const lines = (await list({ json: false, preset: 'esxi_exporter' })).split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'collector           kind  metric                                        value',
      'host-services       host  esxi_host_service_running                     State of a service as known to vCenter: 1 running, 0 stopped; connected hosts only',
      'overall-status      host  esxi_overall_status                           green=2/yellow=1/red=0',
    ]);
  });

  it('has each metric of the collectors once, and those made of them, as JSON', async () => {
    const listed: Listed[] = JSON.parse(await list({ json: true }));
    const names = listed.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(COLLECTORS.flatMap(({ rows }) => rows.map((row) => row.name))),
    );
    expect(listed.find(({ name }) => name === 'vcenter_cluster_vm_count')?.collector).toBe('clusters');
    expect(listed.filter(({ collector }) => collector === '')).toEqual([]);
    expect(listed.find(({ name }) => name === 'vcenter_host_disk_throughput')?.collector).toBe(
      'host-performance, host-devices',
    );
  });

  it('has those of one preset, and own metrics of a configuration first', async () => {
    const otel: Listed[] = JSON.parse(await list({ json: true, preset: 'otel' }));
    expect(new Set(otel.map(({ preset }) => preset))).toEqual(new Set(['otel']));
    const config = configured({ own: OWN });
    const [first]: Listed[] = JSON.parse(await list({ json: true, config }));
    expect(first).toMatchObject({ collector: 'own', name: 'own_flag', preset: 'vmware_exporter' });
  });
});
