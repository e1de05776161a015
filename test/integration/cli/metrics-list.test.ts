import { describe, expect, it } from 'vitest';
import { OTEL } from '../../../lib/catalogue/otel/otel.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from './vsweep-command.ts';

const OF_COLLECTORS = COLLECTORS.flatMap(({ metrics }) => metrics.map(({ name }) => name));
const OF_OTEL = OTEL.map(({ name }) => name);
const NAMES = [...OF_COLLECTORS, ...OF_OTEL];

describe('vsweep metrics list', () => {
  it('prints a line for each metric, without a configuration', async () => {
    await using folder = await createTemporaryFolder('metrics-list');
    const { output, exitCode } = await vsweep(folder.path, 'metrics', 'list');
    expect(exitCode).toBe(0);
    const [header, ...lines] = output.trimEnd().split('\n');
    expect(header).toMatch(/^collector +kind +metric +value$/);
    expect(lines.map((line) => /\b(?:esxi|vmware|vcenter)_\w+/.exec(line)?.[0])).toEqual(NAMES);
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

  it('prints those of one preset, with the collectors that each comes from', async () => {
    await using folder = await createTemporaryFolder('metrics-list');
    const { output } = await vsweep(folder.path, 'metrics', 'list', '--preset', 'otel', '--json');
    const metrics: { name: string }[] = JSON.parse(output);
    expect(metrics.map(({ name }) => name)).toEqual(OF_OTEL);
    expect(metrics.find(({ name }) => name === 'vcenter_host_disk_throughput')).toMatchObject({
      collector: 'host-performance, host-devices',
      reader: 'view',
      preset: 'otel',
      unit: 'KB/s',
      labels: ['vcenter_datacenter_name', 'vcenter_cluster_name', 'vcenter_host_name', 'direction', 'object'],
    });
    const esxi = await vsweep(folder.path, 'metrics', 'list', '--preset', 'esxi_exporter', '--json');
    const ofEsxi = COLLECTORS.flatMap(({ rows }) => rows).filter(({ preset }) => preset === 'esxi_exporter');
    expect(JSON.parse(esxi.output)).toHaveLength(ofEsxi.length);
    const refused = await vsweep(folder.path, 'metrics', 'list', '--preset', 'telegraf');
    expect([refused.exitCode, refused.errors]).toEqual([2, expect.stringContaining('vmware_exporter')]);
  });
});
