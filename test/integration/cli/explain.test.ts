import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seriesNames } from '../../../lib/cli/series-names.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from './vsweep-command.ts';

const explain = (...args: string[]) => vsweep('.', 'explain', ...args);

describe('vsweep explain', () => {
  it('says of a series where it comes from, what it needs and costs, and who asks for it', async () => {
    const { output, exitCode } = await explain('vmware_host_connected');
    expect(exitCode).toBe(0);
    expect(output.trimEnd().split('\n')).toEqual([
      'name: vmware_host_connected',
      'help: Whether the host is connected to vCenter',
      'labels: host_name, dc_name, cluster_name',
      'values: one of 0, 1',
      'unit: boolean',
      'per: host',
      'no sample: when it cannot be read',
      'collectors: hosts',
      'preset: vmware_exporter',
      'source: properties: runtime.connectionState',
      'privilege: System.Read',
      'since vSphere: 2.0',
      expect.stringMatching(/^cost: no call of its own/),
      'alerts: VsphereHostDisconnected',
      'dashboards: vsweep / Fleet: Not connected, vsweep / Host: Connected',
    ]);
  });

  it('names the variables of dashboards that list its labels', async () => {
    const { output } = await explain('vmware_host_power_state', '--json');
    expect(JSON.parse(output)).toMatchObject({
      dashboards: expect.arrayContaining(['vsweep / Fleet: variable vcenter']),
    });
  });

  it('names the values of labels, what the configuration lacks, and has all of it in JSON', async () => {
    const { output } = await explain('vcenter_cluster_vm_count', '--json');
    expect(JSON.parse(output)).toMatchObject({
      labels: ['vcenter_datacenter_name', 'vcenter_cluster_name', 'power_state'],
      labelValues: { power_state: ['on', 'off', 'suspended', 'unknown'] },
      requires: 'metrics: { preset: otel }',
      collectors: ['clusters'],
      source: 'view: vmware_cluster_vms',
      alerts: [],
    });
  });

  it('knows series of vsweep itself and own metrics of a configuration', async () => {
    expect((await explain('vsweep_build_info')).output).toContain('source: vsweep itself');
    await using folder = await createTemporaryFolder('explain');
    const config = `targets:
  - { name: vc1, credentials: { env: VC1 } }
metrics:
  own:
    my_heartbeat: { property: VirtualMachine guestHeartbeatStatus, states: [green, red] }
    my_flag: { property: VirtualMachine runtime.consolidationNeeded }
sweeps:
  - { name: own, every: 5m, collectors: [own] }
`;
    await writeFile(join(folder.path, 'vsweep.yaml'), config);
    const { output } = await vsweep(folder.path, 'explain', 'my_heartbeat', '--config', 'vsweep.yaml');
    expect(output).toContain('collectors: own\n');
    expect(output).toContain('guestHeartbeatStatus');
    expect(output).toContain('values of labels: state is green, red\nvalues: one of 0, 1\n');
    const flag = await vsweep(folder.path, 'explain', 'my_flag', '--config', 'vsweep.yaml');
    expect(flag.output).toContain('values: one of 0, 1\n');
    expect(flag.output).not.toContain('values of labels');
  });

  it.each([
    ['vmware_host_conected', 'the nearest names are vmware_host_connected'],
    ['ha_connected', 'the nearest names are vmware_host_ha_connected'],
    ['VCENTER_HOST_CPU_USAGE_MHZ', 'the nearest names are vcenter_host_cpu_usage_MHz'],
    ['x'.repeat(100_000), '`vsweep metrics list` shows all'],
    ['own_of_mine', 'own metrics are known with `--config <path>`'],
    ['vmware_host_connected{host_name="a"}', 'leave out the labels in braces'],
    ['\u001b[2J', '"\\u001b[2J"'],
  ])('exits 2 for a series that there is not, with the nearest names: %j', async (name, message) => {
    const { exitCode, errors } = await explain(name);
    expect([exitCode, errors]).toEqual([2, expect.stringContaining(message)]);
    expect(errors.length).toBeLessThan(1_000);
  });

  it('has a cost of each way in which a series is read', async () => {
    const costs = await Promise.all(
      ['vmware_host_cpu_ready_summation', 'esxi_service_state', 'vmware_vm_tags', 'vmware_cluster_vms'].map(
        async (name) => JSON.parse((await explain(name, '--json')).output).cost as string,
      ),
    );
    expect(costs).toEqual([
      expect.stringContaining('256 objects'),
      expect.stringContaining('ssh session'),
      expect.stringContaining('per tag'),
      expect.stringContaining('no call of its own'),
    ]);
  });

  it('has an answer for each series of all golden files', async () => {
    const folder = new URL('../../fixtures/collectors/', import.meta.url);
    const names = readdirSync(folder).flatMap((file) =>
      Array.from(
        readFileSync(new URL(file, folder), 'utf8').matchAll(/^# HELP (\w+)/gm),
        ([, name = '']) => name,
      ),
    );
    expect(seriesNames()).toEqual(expect.arrayContaining(names));
  });
});
