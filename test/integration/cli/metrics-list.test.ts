import { describe, expect, it } from 'vitest';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from './vsweep-command.ts';

const NAMES = COLLECTORS.flatMap(({ metrics }) => metrics.map(({ name }) => name));

describe('vsweep metrics list', () => {
  it('prints a line for each metric, without a configuration', async () => {
    await using folder = await createTemporaryFolder('metrics-list');
    const { output, exitCode } = await vsweep(folder.path, 'metrics', 'list');
    expect(exitCode).toBe(0);
    const [header, ...lines] = output.trimEnd().split('\n');
    expect(header).toMatch(/^collector +kind +metric +value$/);
    expect(lines.map((line) => line.split(/ +/)[2])).toEqual(NAMES);
  });

  it('has in JSON what each is made from, its labels and since when it can be read', async () => {
    await using folder = await createTemporaryFolder('metrics-list');
    const { output } = await vsweep(folder.path, 'metrics', 'list', '--json');
    const metrics: { name: string }[] = JSON.parse(output);
    expect(metrics.map(({ name }) => name)).toEqual(NAMES);
    expect(metrics.find(({ name }) => name === 'vmware_host_cpu_usage')).toEqual({
      collector: 'hosts',
      name: 'vmware_host_cpu_usage',
      help: 'CPU usage over all cores, in MHz',
      unit: 'MHz',
      kind: 'host',
      labels: ['host_name', 'dc_name', 'cluster_name'],
      reader: 'properties',
      needs: ['runtime.powerState', 'summary.quickStats.overallCpuUsage'],
      noSample: 'unless runtime.powerState is poweredOn; when it is unset or cannot be read',
      preset: 'vmware_exporter',
      privilege: 'System.Read',
      since: '2.5',
      isQueried: true,
    });
  });
});
