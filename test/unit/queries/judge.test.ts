import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ownCollector } from '../../../lib/collectors/own/compile-own.ts';
import { judge } from '../../../lib/queries/judge.ts';
import type { World } from '../../../lib/queries/judgement.ts';
import { knownSeries } from '../../../lib/queries/known-series.ts';
import { ACCEPTED, REFUSED } from '../../support/monitoring/refused-queries.ts';

const known = knownSeries([]);
const world = (more: Partial<World> = {}): World => ({
  known,
  recorded: new Set(['job:foo:sum']),
  added: new Set(['job', 'instance']),
  ...more,
});
const kindsIn = (text: string, use = {}) => judge(text, world(), use).findings.map(({ kind }) => kind);
const messageOf = (text: string, use = {}) => judge(text, world(), use).findings[0]?.message;

describe('an expression that can have an answer', () => {
  it.each([
    'vmware_host_connection_state{state="disconnected"} == 1',
    'vmware_host_connection_state{state=~"not.*|disconnected"}',
    'vmware_vm_connection_state{state="orphaned"} == 1',
    'vmware_host_connected == 0',
    'esxi_overall_status < 2',
    'esxi_overall_status != 2',
    "max_over_time(esxi_critical_service_status{service='hostd'}[10m]) == 0",
    'avg_over_time(vmware_host_connected[1h]) < 0.99',
    '1 - vmware_host_connected > 0',
    'count(vmware_host_connected == 0) > 3',
    'vmware_host_time_offset_seconds < -5',
    'abs(vmware_host_time_offset_seconds) > 5',
    'vmware_host_cpu_usage / vmware_host_cpu_max * 100 > 90',
    '0 == vmware_host_connected',
    '(0 < vmware_host_connected) == 1',
    '(1 > vmware_host_connected) == 0',
    'sum by (moon) (up * on (host_name) group_left (moon) vmware_host_connected)',
    'vmware_host_connected == bool 3',
    'time() - vmware_vm_snapshot_timestamp_seconds > 3 * 86400',
    'sum by (cluster_name, job) (vmware_host_cpu_usage)',
    'sum without (host_name) (vmware_host_cpu_usage)',
    'vmware_vm_cpu_usage_average * on (vm_name) group_left (tag) vmware_vm_tags{category="Tier"}',
    'label_replace(vmware_host_connected, "node", "$1", "host_name", "(.*)") == 0',
    'sum by (node) (label_replace(vmware_host_connected, "node", "$1", "host_name", "(.*)"))',
    'sum by (host_name) (sum by ($by) (vmware_host_connected))',
    'vmware_host_connected * on ($at) label_replace(vmware_host_connected, "$at", "$1", "host_name", "(.*)")',
    'vmware_host_connected{state=""} == 0',
    'vmware_host_connected{host_name=~"esx.*", job!="x"} == 0',
    'vmware_host_connected{host_name=~"(a+)+$"} == 0',
    '{__name__=~"vmware_host_.*", host_name="x"}',
    'vsweep_hosts{outcome="failed", reason="timeout"} > 0',
    'vsweep_hosts{outcome="ok", reason=""} == 0',
    'job:foo:sum > 3 or up == 0',
    'ALERTS{alertname="VsweepNoRun"}',
    'absent(vsweep_target_up)',
    'vmware_host_connection_state{state="$state"}',
    'vmware_host_net_errorRX_summation > 0 OR vector(0)',
    'quantile_over_time(0.9, vmware_host_connected[1h]) < 1',
    ...ACCEPTED,
    '$function(vmware_host_connected[5m])',
    'rate($metric)',
    '{host_name=~"$host"}',
    '1 == bool 1',
    '$threshold > 1',
    // A quantile above 1 is infinite, one below 0 too.
    'quantile(2, vmware_host_connected) > 5',
    'quantile(-1, vmware_host_connected) < 0',
    'quantile_over_time(2, vmware_host_connected[1h]) > 5',
    'quantile($q, vmware_host_connected) > 5',
    // These aggregations leave the labels alone, or add one.
    'sum by (host_name) (topk by (cluster_name) (5, vmware_host_cpu_usage))',
    'sum by (host_name) (TOPK(5, vmware_host_cpu_usage))',
    'sum by (host_name) (limitk by (cluster_name) (5, vmware_host_cpu_usage))',
    'sum by (build) (count_values("build", vmware_host_connected))',
    'sum by (build, cluster_name) (count_values by (cluster_name) ("build", vmware_host_connected))',
    'SUM(vmware_host_connected) > 5',
    // A variable may name any function or aggregation.
    'sum by (host_name) ($function(vmware_host_connected)) > 5',
    '$aggregation(vmware_host_connection_state) == 0',
    'sum by (version) (info(vmware_host_connected))',
    // A label that neither side has is equal on both.
    'vmware_host_cpu_usage / on (host_name, env) vmware_host_cpu_max > 0.9',
    'vmware_alarm_triggered{severity="red"} == 1',
    'vmware_vm_snapshots == 1',
    'vmware_host_connected{host_name="a", host_name=~"a|b", host_name!="c"} == 0',
    'vmware_host_connected{host_name="$host", host_name="b"} == 0',
    "vmware_host_connected == 0 # it isn't there",
  ])('has nothing said about it: %s', (text) => {
    expect(judge(text, world()).findings).toEqual([]);
  });

  it('asks a recording rule, also one with a name that another preset has', () => {
    const recorded = new Set(['vcenter_host_cpu_utilization_percent', 'vmware_host_connected']);
    for (const text of ['vcenter_host_cpu_utilization_percent{x="y"} > 90', 'vmware_host_connected == 7'])
      expect(judge(text, world({ recorded })), text).toMatchObject({
        findings: [],
        series: [{ from: 'recording rule' }],
      });
  });

  it('names its series and whose they are', () => {
    expect(judge('job:foo:sum > on () up + vsweep_target_up - $x{a="b"}', world()).series).toEqual([
      { name: 'job:foo:sum', from: 'recording rule' },
      { name: 'up', from: 'other exporter' },
      { name: 'vsweep_target_up', from: 'vsweep' },
      { name: '$variable', from: 'variable' },
    ]);
  });
});

/** Each with the kind of its only finding. */
const FAULTY = [
  // A number made from a series has none of its labels.
  ['sum by (vm_name) (vmware_host_connected * scalar(vmware_vm_cpu_usage_average))', 'no-such-label'],
  // The value of an info series, and values that a state, a flag or a count never has.
  ['vmware_host_connection_state != 1', 'never-true'],
  ['vmware_host_connection_state{state="connected"} == 0', 'never-true'],
  ['0 == vmware_host_connection_state', 'never-true'],
  ['vmware_vm_connection_state{state="connected"} > 1', 'never-true'],
  ['max by (host_name) (vmware_host_connected) == 2', 'never-true'],
  ['esxi_overall_status == 3', 'never-true'],
  ['vmware_host_sensor_state > 3', 'never-true'],
  ['vmware_datastore_freespace_size < 0', 'never-true'],
  ['count(vmware_host_connected == 0) == 0', 'never-true'],
  ['count(vmware_host_connected) < 1', 'never-true'],
  ['vmware_host_connected + vmware_host_power_state > 2', 'never-true'],
  ['avg_over_time(vmware_host_connected[1h]) > 1', 'never-true'],
  ['(vmware_host_connected == 2) and on (host_name) vmware_host_power_state', 'never-true'],
  ['quantile(0.5, vmware_host_connected) > 5', 'never-true'],
  ['quantile_over_time(1, vmware_host_connected[1h]) > 1', 'never-true'],
  ['MAX(vmware_host_connected) == 2', 'never-true'],
  // What has a sample only while there is something.
  ['vmware_alarm_triggered == 0', 'never-true'],
  ['vmware_vm_snapshots == 0', 'never-true'],
  ['vmware_vm_snapshots < 1', 'never-true'],
  // Labels.
  ['vmware_host_connected{host_name="a", host_name="b"}', 'selects-nothing'],
  ['vmware_host_connected{host_name="a", host_name!~"a|b"}', 'selects-nothing'],
  ['vmware_host_connected{instance="a", instance!="a"}', 'selects-nothing'],
  ['sum by (severity) (count_values("build", vmware_host_connected))', 'no-such-label'],
  ['vmware_host_connection_state{state="Disconnected"}', 'selects-nothing'],
  ['vmware_host_connection_state{state=~"down|dead"}', 'selects-nothing'],
  ['vmware_host_connection_state{state!~".*"}', 'selects-nothing'],
  ['vmware_host_connection_state{state=~"dis.*", state!="disconnected"}', 'selects-nothing'],
  ['vmware_host_connected{state="connected"}', 'selects-nothing'],
  ['vmware_host_connected{cluster!=""} == 0', 'selects-nothing'],
  ['vsweep_hosts{reason="time-out"} > 0', 'selects-nothing'],
  ['vsweep_collector_success{collector="host"} == 0', 'selects-nothing'],
  ['vmware_host_connected{cluster=~"$cluster"}', 'no-such-label'],
  ['sum by (cluster) (vmware_host_cpu_usage)', 'no-such-label'],
  ['vmware_vm_cpu_usage_average / on (vm_name) vmware_host_cpu_max', 'no-such-label'],
  // Names.
  ['vmware_host_memroy_usage > 3', 'never-emitted'],
  ['vrops_hostsystem_runtime_maintenancestate == 1', 'never-emitted'],
  ['vsphere_vm_cpu_ready_summation', 'other-name'],
  ['VMWARE_host_cpu_usage or vmware_host_cpu_USAGE', 'other-name'],
  ['vcenter_host_cpu_utilization_percent > 90', 'not-configured'],
  ['vcenter_cluster_cpu_limit_MHz', 'not-configured'],
  ['esxi_overall_state == 1', 'not-configured'],
  ['vmware_host_cpu_usage >', 'unreadable'],
] as const;

/** More that has something to say, often several things. */
const MORE = [
  'foo[5m',
  'foo{a=}',
  'foo)',
  '',
  'rate(foo[$w]) +',
  'abs("a") > "b"',
  'time() == 5',
  '1 or foo',
  'foo unless 1',
  'sum by (cluster, host) (vmware_host_cpu_usage) / on (a, b) vmware_host_cpu_max',
  'vmware_host_cpu_usage / on ($a, job) vmware_host_cpu_max',
  'vmware_host_connected{a="1", b="2"} + vmware_host_connected{state=~"$x"}',
  '{__name__="vmware_host_connected", host_name="a", host_name="b"} > 3',
  'vmware_host_connected == 2 or vmware_host_connected == 2',
  'vmware_host_standby_mode > 1',
  'vmware_tasks{state="done"} < 0',
  'sum(vmware_host_connection_state) < 0',
  'count(vmware_host_connection_state) == 0 unless up',
  'avg(vmware_host_connected) > 1',
  'group(vmware_host_connected) == 0',
  '3 < vmware_host_connected',
  '2 <= vmware_host_connected',
  '-1 > vmware_host_connected',
  '-1 >= vmware_host_connected',
  'vmware_host_connected - 2 > 0',
  'vmware_host_connected * 2 > 2',
  'vmware_host_connected / 2 > 1',
  '0 - vmware_datastore_capacity_size > 0',
  'vmware_host_time_offset_seconds == 3 and vmware_host_connected == 3',
  'changes(vmware_host_connected[1h]) < 0',
  'resets(vmware_host_connected[1h]) < 0',
  'count_over_time(vmware_host_connected[1h]) < 1',
  'sum_over_time(vmware_host_connected[1h]) < 0',
  'present_over_time(vmware_host_connected[1h]) == 0',
  'absent(vmware_host_connected) == 0',
  'absent_over_time(vmware_host_connected[1h]) == 0',
  'sort(vmware_host_connected) == 2',
  'sort_desc(vmware_host_connected) == 2',
  'sort_by_label(vmware_host_connected, "host_name") == 2',
  'sort_by_label_desc(vmware_host_connected, "host_name") == 2',
  'min_over_time(vmware_host_connected[1h]) == 2',
  'last_over_time(vmware_host_connected[1h]) == 2',
  'first_over_time(vmware_host_connected[1h]) == 2',
  'label_join(vmware_host_connected, "node", "-", "host_name") == 2',
  'sum by (node) (label_join(vmware_host_connected, "node", "-", "host_name")) < 0',
  'vector(1) > 2',
  'scalar(vmware_host_connected) + vector(1)',
  'topk(3, vmware_host_connected) == 2',
  'bottomk(3, vmware_host_connected) == 2',
  'limitk(3, vmware_host_connected) == 2',
  'limit_ratio(0.5, vmware_host_connected) == 2',
  'min(vmware_host_connected) == 2',
  'stddev(vmware_host_connected) < 0',
  'histogram_quantile(0.9, vmware_host_connected) < 0',
  'quantile(0, vmware_host_connected) < 0',
  'vmware_host_connected == bool 2 > 1',
  'vsphere_host_cpu_usage_average + vsphere_host_memroy_usage_average',
  'something_vmware_x + vmware_host_CONNECTED',
  'vmware_host_connected and vmware_host_connected == 2',
  'vmware_host_connected{host_name="a"} unless vmware_host_connected{host_name="b", host_name="c"}',
  'vmware_host_connection_state{state!="connected", state!="disconnected", state!="notResponding"}',
] as const;

describe('an expression that cannot', () => {
  it.each(FAULTY)('is found: %s', (text, kind) => {
    expect(kindsIn(text)).toEqual([kind]);
  });

  it.each(REFUSED)('is found, because Prometheus refuses it: %s', (text) => {
    expect(kindsIn(text)).toEqual(['unreadable']);
  });

  it('is found in an alert that compares nothing, so that it fires at 0, too', () => {
    const alert = { isAlert: true };
    expect(kindsIn('vmware_vm_connection_state{state="orphaned"}', alert)).toEqual(['always-fires']);
    expect(kindsIn('vmware_host_maintenance_mode', alert)).toEqual(['always-fires']);
    expect(kindsIn('vmware_host_connection_state{state="notResponding"}', alert)).toEqual([]);
    expect(kindsIn('vmware_host_maintenance_mode == 1', alert)).toEqual([]);
    expect(kindsIn('vmware_host_maintenance_mode and on (host_name) up', alert)).toEqual([]);
    expect(kindsIn('vmware_host_maintenance_mode')).toEqual([]);
    expect(kindsIn('vmware_alarm_triggered{severity="red"}', alert)).toEqual([]);
    expect(kindsIn('absent(vmware_host_maintenance_mode)', alert)).toEqual([]);
    expect(kindsIn('changes(vmware_host_maintenance_mode[5m])', alert)).toEqual([]);
    expect(kindsIn('abs(vmware_host_maintenance_mode == 1)', alert)).toEqual([]);
    for (const text of [
      'sum by (cluster_name) (vmware_host_maintenance_mode)',
      'max(vmware_host_maintenance_mode)',
      'count(vmware_host_maintenance_mode)',
      'avg_over_time(vmware_host_maintenance_mode[5m])',
      'quantile(0.9, vmware_host_maintenance_mode) * 100',
    ])
      expect(kindsIn(text, alert), text).toEqual(['always-fires']);
    expect(kindsIn('sum by (cluster_name) (vmware_host_maintenance_mode == 1)', alert)).toEqual([]);
    expect(kindsIn('sum(vmware_host_maintenance_mode) > 2', alert)).toEqual([]);
    expect(kindsIn('(vmware_host_maintenance_mode == 1) * 2', alert)).toEqual([]);
    expect(kindsIn('2 * (vmware_host_maintenance_mode == 1)', alert)).toEqual([]);
    expect(kindsIn('vmware_host_maintenance_mode == 1 or vmware_host_connected', alert)).toEqual([
      'always-fires',
    ]);
  });

  it('is found in a variable that lists a label which is not there', () => {
    expect(kindsIn('vmware_host_connected', { label: 'cluster' })).toEqual(['no-such-label']);
    expect(kindsIn('vmware_host_connected', { label: 'cluster_name' })).toEqual([]);
    expect(kindsIn('up', { label: 'cluster' })).toEqual([]);
  });

  it('is told in the words of findings.txt: npx vitest run --project unit test/unit/queries --update renews it', async () => {
    const alerts = ['max(vmware_host_maintenance_mode)', 'vmware_vm_connection_state{state="orphaned"}'];
    const use = (text: string) => ({
      isAlert: alerts.includes(text),
      // Tells the labels of what functions and aggregations make.
      ...(MORE.some((one) => one === text) ? { label: 'moon' } : {}),
    });
    const told = [...FAULTY.map(([text]) => text), ...REFUSED, ...alerts, ...MORE].map((text) => {
      const { findings, series } = judge(text, world(), use(text));
      const lines = findings.map(({ kind, message }) => `  ${kind}: ${message}\n`);
      const asked = series.map(({ name, from }) => `  ${name} is of: ${from}\n`);
      return [`${text}\n`, ...lines, ...asked].join('');
    });
    const file = fileURLToPath(new URL('../../fixtures/queries/findings.txt', import.meta.url));
    const text = told.join('').replace(/(?<=: collector is one of ).*/, '<names of collectors>');
    await expect(text).toMatchFileSnapshot(file);
  });

  it('is told with the remedy', () => {
    expect(messageOf('vmware_host_connection_state != 1')).toBe(
      'vmware_host_connection_state != 1 is never true: vmware_host_connection_state is always 1; select by its label instead: state=connected | disconnected | notResponding',
    );
    expect(messageOf('count(vmware_host_connected == 0) == 0')).toContain(
      'what is compared is never below 1',
    );
    expect(messageOf('vsphere_vm_cpu_ready_summation')).toBe(
      'vsphere_vm_cpu_ready_summation is vmware_vm_cpu_ready_summation here',
    );
    expect(messageOf('vmware_host_memroy_usage')).toContain('the nearest name is vmware_host_memory_usage');
    expect(messageOf('vcenter_host_cpu_usage_MHz')).toContain('metrics: { preset: otel }');
    expect(messageOf('rate(vmware_x[$w]) +')).toContain('not PromQL');
  });
});

describe('what a configuration emits', () => {
  const judged = (text: string, selection: Parameters<typeof knownSeries>[1]) =>
    judge(text, world({ known: knownSeries([], selection) })).findings.map(({ message }) => message);

  it('is what its sweeps collect, under its names', () => {
    const hosts = { collectors: ['hosts'] };
    expect(judged('vmware_host_connected == 0', hosts)).toEqual([]);
    expect(judged('vmware_vm_power_state == 0', hosts)).toEqual([
      'vmware_vm_power_state is emitted with collectors: [vms] (one of them, in a sweep)',
    ]);
    expect(judged('vsweep_target_up == 0', hosts)).toEqual([]);
    const otel = { presets: { preset: ['otel'], otelNames: 'receiver' }, legacyNames: true } as const;
    expect(judged('vcenter_cluster_cpu_limit_MHz + vcenter_host_cpu_usage_MHz', otel)).toEqual([]);
    expect(judged('vcenter_cluster_cpu_limit', otel)).toEqual([
      'vcenter_cluster_cpu_limit is emitted with metrics: { preset: otel, otelNames: mixin }',
    ]);
    expect(judged('vmware_host_connected', otel)).toEqual([
      'vmware_host_connected is emitted with metrics: { preset: vmware_exporter }',
    ]);
    expect(judged('esxi_overall_state == 1', otel)).toEqual([]);
  });

  it('has the label moid and the metrics of the configuration itself', () => {
    const presets = { preset: ['vmware_exporter'], otelNames: 'mixin', moid: true } as const;
    expect(judged('vmware_host_connected{moid="host-1"}', { presets })).toEqual([]);
    expect(judged('esxi_overall_status{moid="host-1"}', { presets })).toHaveLength(1);
    const metrics = {
      my_heartbeat: { property: 'VirtualMachine guestHeartbeatStatus', states: ['green', 'red'] },
      my_host_nics: {
        each: 'HostSystem config.network.pnic',
        labels: { nic: 'device' },
        value: 'linkSpeed.speedMb',
      },
    };
    const own = ownCollector({ metrics, only: undefined, series: 1, preset: 'vmware_exporter' })?.rows ?? [];
    expect(judged('my_host_nics{nic!=""} == -5', { own })).toEqual([]);
    expect(judged('my_heartbeat{vm_name="x"} == 2', { own })).toHaveLength(1);
    expect(judged('my_host_nics{card!=""}', { own })).toHaveLength(1);
  });
});
