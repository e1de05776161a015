import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import type { DemoVcenter } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { writeSweepFolder } from '../sweep/sweep-folder.ts';
import { startTarget } from '../vsphere/demo-target.ts';
import { vsweep } from './vsweep-command.ts';

const METRICS = `
  own:
    vmware_vm_consolidation: { property: VirtualMachine runtime.consolidationNeeded }
    vmware_host_lockdown: { property: HostSystem config.lockdownMode, states: [lockdownDisabled, lockdownNormal, lockdownStrict] }
    vmware_host_nic_speed: { each: HostSystem config.network.pnic, value: linkSpeed.speedMb, labels: { nic: device } }
    vmware_vm_ready_ratio: { counter: VirtualMachine cpu.ready.summation, scale: 1/20000 }
    vmware_host_crypto: { property: HostSystem runtime.cryptoState, test: { equals: safe } }
`;

const OWN = (parse(METRICS) as { own: object }).own;

describe('vsweep metrics and own metrics', () => {
  let vcenter: DemoVcenter;
  let folder: TemporaryFolder;
  beforeAll(async () => {
    vcenter = await startTarget({
      hosts: createDemoFleet().map((host) => host.vcenter),
      estate: createDemoEstate(),
    });
    folder = await createTemporaryFolder('metrics-try');
    const sweep = { name: 'inventory', collectors: ['own'] };
    await writeSweepFolder(folder.path, vcenter, sweep, { metrics: parse(METRICS) as unknown });
  });
  afterAll(async () => {
    await folder?.[Symbol.asyncDispose]();
    await vcenter?.[Symbol.asyncDispose]();
  });

  it('check: shows what each is made from, and its cost before and after a run', async () => {
    const before = await vsweep(folder.path, 'metrics', 'check');
    expect(before.exitCode).toBe(0);
    expect(before.output).toContain(
      'vmware_host_lockdown: HostSystem config.lockdownMode\n  sweep inventory; 3 series per host at most\n  labels host_name, dc_name, cluster_name, state\n',
    );
    expect(before.output).toMatch(
      /unit millisecond, summed over 20s; at 20s it is there at any statistics level/,
    );
    expect(before.output).toMatch(/5 own metrics: ok; metrics\.series is 200000 per sweep and target\n$/);
    await vsweep(folder.path, 'sweep', 'inventory', '--dry-run');
    const { output } = await vsweep(folder.path, 'metrics', 'check', '--json');
    expect(JSON.parse(output)).toMatchObject({
      metrics: [
        {},
        { name: 'vmware_host_lockdown', perObject: 3, series: 180, sweep: 'inventory' },
        {},
        { name: 'vmware_vm_ready_ratio', perObject: 1, series: expect.any(Number) },
        {},
      ],
    });
  });

  it('check: says when the series that are known are more than a target may have', async () => {
    await using other = await createTemporaryFolder('metrics-budget');
    const own = { vmware_host_lockdown: (OWN as Record<string, unknown>)['vmware_host_lockdown'] };
    const sweep = { name: 'inventory', collectors: ['own'] };
    await writeSweepFolder(other.path, vcenter, sweep, { metrics: { own, series: 1_000 } });
    const said = async () => (await vsweep(other.path, 'metrics', 'check')).output.trimEnd().split('\n');
    const lines = [
      'vmware_host_lockdown: HostSystem config.lockdownMode',
      '  sweep inventory; 3 series per host at most',
      '  labels host_name, dc_name, cluster_name, state',
    ];
    expect(await said()).toEqual([...lines, '1 own metric: ok; metrics.series is 1000 per sweep and target']);
    await vsweep(other.path, 'sweep', 'inventory', '--dry-run');
    const counted = [lines[0], `${lines[1]}, 180 by the last run`, lines[2]];
    expect(await said()).toEqual([
      ...counted,
      '1 own metric: ok; metrics.series is 1000 per sweep and target',
    ]);
    await writeSweepFolder(other.path, vcenter, sweep, { metrics: { own, series: 100 } });
    expect(await said()).toEqual([
      ...counted,
      '1 own metric: 180 series, and metrics.series is 100 per sweep and target: the largest will be left out',
    ]);
  });

  it('check: reports every fault with its place, and reads nothing', async () => {
    await using other = await createTemporaryFolder('metrics-check');
    const wrong = {
      own: {
        vmware_a: { property: 'HostSystem runtime.boottime' },
        vmware_b: { counter: 'HostSystem cpu.redy.summation' },
      },
    };
    await writeSweepFolder(
      other.path,
      vcenter,
      { name: 'inventory', collectors: ['own'] },
      { metrics: wrong },
    );
    const logins = vcenter.stats.logins;
    const { exitCode, errors } = await vsweep(other.path, 'metrics', 'check');
    expect(exitCode).toBe(2);
    expect(errors).toMatch(
      /2 faults\n {2}line \d+, column 7: metrics\.own\.vmware_a\.property: .*did you mean runtime\.bootTime\?\n {2}line \d+, column 7: metrics\.own\.vmware_b\.counter: /,
    );
    expect(vcenter.stats.logins).toBe(logins);
  });

  it('try: begins with an object that metrics.only chooses, and says where it leaves one out', async () => {
    await using other = await createTemporaryFolder('metrics-only');
    const own = { vmware_vm_cpu_ready: { counter: 'Datastore cpu.ready.summation' }, ...OWN };
    await writeSweepFolder(
      other.path,
      vcenter,
      { name: 'inventory', collectors: ['own'] },
      { metrics: { only: { name: 'esx07*' }, own } },
    );
    const tryIt = (name: string, ...args: string[]) => vsweep(other.path, 'metrics', 'try', name, ...args);
    expect((await tryIt('vmware_host_lockdown')).output).toMatch(/^vc01: host esx07\.example\.org /);
    const left = await tryIt('vmware_host_lockdown', '--object', 'esx02.example.org');
    expect(left.output).toContain(
      'warning: metrics.only leaves this object out: sweeps make no series of it',
    );
    // A counter that vSphere has of other objects.
    const absent = await tryIt('vmware_vm_cpu_ready');
    expect(absent.exitCode).toBe(1);
    expect(absent.output, absent.errors).toContain('for a Datastore, and none of cpu');
  });

  it('try: shows what vCenter answered, and the series as they would be pushed', async () => {
    const { output, exitCode, errors } = await vsweep(
      folder.path,
      'metrics',
      'try',
      'vmware_host_lockdown',
      '--object',
      'esx02.example.org',
    );
    expect(exitCode, errors).toBe(0);
    expect(output).toMatch(
      /^vc01: host esx02\.example\.org \(host-\d+\)\nread:\n {2}config\.lockdownMode = lockdown\w+\nmade of it: HostSystem config\.lockdownMode\npushed as:\n/,
    );
    const base = 'host_name="esx02.example.org",dc_name="demo",cluster_name="cluster-1"';
    expect(output).toContain(`  vmware_host_lockdown{${base},state="lockdownNormal"} 0\n`);
  });

  it('try: shows a counter, each element of an array, and a built-in metric', async () => {
    const read = async (name: string, object: string) => {
      const { output } = await vsweep(folder.path, 'metrics', 'try', name, '--object', object, '--json');
      return JSON.parse(output) as { raw: Record<string, unknown>; series: string[] };
    };
    const ready = await read('vmware_vm_ready_ratio', 'web01');
    const raw = Number(ready.raw['cpu.ready.summation']);
    expect(ready.series).toEqual([
      expect.stringMatching(new RegExp(` ${String(raw / 20_000).replace('.', '\\.')}$`)),
    ]);
    const nics = await read('vmware_host_nic_speed', 'esx01.example.org');
    expect(nics.series[0]).toMatch(/nic="vmnic0"} \d+$/);
    const cpus = await read('vmware_vm_num_cpu', 'web01');
    expect(cpus.series).toEqual([expect.stringMatching(/^vmware_vm_num_cpu\{vm_name="web01",.*\} \d+$/)]);
  });

  it('try: says why there is no series, and exits with 1', async () => {
    const { output, exitCode } = await vsweep(folder.path, 'metrics', 'try', 'vmware_host_crypto');
    expect(exitCode).toBe(1);
    expect(output).toContain('runtime.cryptoState = (InvalidProperty)');
    expect(output).toContain('no series\nwarning: runtime.cryptoState could not be read: InvalidProperty');
  });

  it.each<[string[], RegExp]>([
    [
      ['vmware_vm_consolidatio'],
      /no metric vmware_vm_consolidatio that can be tried; did you mean vmware_vm_consolidation or vmware_vm_consolidation_needed\?/,
    ],
    [['vmware_vm_consolidation', '--object', 'web1'], /no vm is called "web1"; did you mean web01\?/],
    [
      ['vmware_vm_consolidation', '--target', 'vc02'],
      /no target "vc02"; did you mean "vc01"\? Known targets: vc01/,
    ],
  ])('try: refuses %j with the nearest name', async (args, message) => {
    const { errors, exitCode } = await vsweep(folder.path, 'metrics', 'try', ...args);
    expect(exitCode).not.toBe(0);
    expect(errors).toMatch(message);
  });

  it('try: logs in by the rules of lockout: an account that was refused twice is not tried again', async () => {
    await using other = await createTemporaryFolder('metrics-refused');
    const refused = await startTarget({ users: { 'sweeper@vsphere.local': 'another' } });
    await using _ = refused;
    await writeSweepFolder(
      other.path,
      refused,
      { name: 'inventory', collectors: ['own'] },
      { metrics: parse(METRICS) as unknown },
    );
    const attempt = () => vsweep(other.path, 'metrics', 'try', 'vmware_host_lockdown');
    expect((await attempt()).errors).toMatch(/login refused|InvalidLogin/);
    for (let again = 0; again < 3; again += 1) expect((await attempt()).exitCode).toBe(1);
    expect(refused.stats.refusedLogins).toBe(2);
  });

  it('list: has own metrics with those of the registry', async () => {
    const { output } = await vsweep(folder.path, 'metrics', 'list', '--json', '--config', 'vsweep.yaml');
    const [first] = JSON.parse(output) as object[];
    expect(first).toMatchObject({
      collector: 'own',
      name: 'vmware_vm_consolidation',
      kind: 'vm',
      since: expect.any(String),
    });
  });

  it('poll: answers metric.get by vPoller’s wire, a row a series', async () => {
    const poll = (...args: string[]) =>
      vsweep(folder.path, 'poll', '-m', 'metric.get', '-V', 'vc01', '--json', ...args);
    const { output } = await poll(
      '-n',
      'esx01.example.org',
      '-p',
      'vmware_host_lockdown,vmware_host_power_state',
    );
    expect(JSON.parse(output)).toEqual({
      success: 0,
      msg: 'Successfully retrieved metrics',
      result: [
        { state: 'lockdownDisabled', name: 'esx01.example.org', vmware_host_lockdown: 1 },
        { state: 'lockdownNormal', name: 'esx01.example.org', vmware_host_lockdown: 0 },
        { state: 'lockdownStrict', name: 'esx01.example.org', vmware_host_lockdown: 0 },
        { name: 'esx01.example.org', vmware_host_power_state: 1 },
      ],
    });
    const unknown = await poll('-n', 'web01', '-p', 'vmware_vm_consolidatio');
    expect(JSON.parse(unknown.output)).toEqual({
      success: 1,
      msg: 'there is no metric vmware_vm_consolidatio that can be polled; did you mean vmware_vm_consolidation?',
    });
  });

  it('completes the names of metrics', async () => {
    const names = await vsweep(folder.path, 'completion', 'metrics');
    expect(names.output.split('\n')).toContain('vmware_vm_ready_ratio');
    const paths = await vsweep(
      folder.path,
      'completion',
      'paths',
      '--method',
      'metric.get',
      'vmware_a,vmware_host_lockd',
    );
    expect(paths.output).toBe('vmware_a,vmware_host_lockdown\nvmware_a,vmware_host_lockdown_mode\n');
  });
});
