import { describe, expect, it } from 'vitest';
import { LEGACY_METRICS, toLegacySamples, toOnlineInNetbox } from '../../../lib/collectors/legacy-names.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { ofMetrics, toLists } from '../../../lib/metrics/sourced-samples.ts';
import { SELF_METRICS } from '../../../lib/sweep/result/self-metrics.ts';
import { lintDefinitions } from '../../../tools/lint-definitions.ts';

const definitions = [...COLLECTORS.flatMap(({ metrics }) => metrics), ...SELF_METRICS];

/** One sample as it reads in the exposition, and what comes of it. */
function legacyOf(metric: string, labels: Readonly<Record<string, string>>, value: number) {
  const names = definitions.find(({ name }) => name === metric)?.labels ?? [];
  const sample = { metric, labels: names.map((name) => labels[name] ?? ''), value };
  return toLegacySamples(ofMetrics(toLists([{ moref: 'host-1', sample }])), definitions).map(
    ({ moref, sample: legacy }) => {
      expect(moref).toBe('host-1');
      const legacyNames = LEGACY_METRICS.find(({ name }) => name === legacy.metric)?.labels ?? [];
      expect(legacy.labels).toHaveLength(legacyNames.length);
      const pairs = legacyNames.map((name, index) => `${name}="${legacy.labels[index]}"`);
      return `${legacy.metric}{${pairs.join(',')}} ${legacy.value}`;
    },
  );
}
const host = { vcenter: 'vc01', site: 'qa', hostsystem: 'esx01' };

describe('toOnlineInNetbox', () => {
  it.each([
    [true, 1],
    [false, 0],
  ])('is esxi_online_state of a host whose device is active: %s', (isActive, value) => {
    expect(toOnlineInNetbox('vc01', 'esx01', isActive)).toEqual({
      metric: 'esxi_online_state',
      labels: ['vc01', 'esx01', 'netbox'],
      value,
    });
  });
});

describe('toLegacySamples', () => {
  it('makes esxi_pyvim_service_state of what vCenter says of services', () => {
    expect(legacyOf('esxi_host_service_running', { ...host, service: 'ntpd' }, 1)).toEqual([
      'esxi_pyvim_service_state{vcenter="vc01",hostsystem="esx01",service="ntpd"} 1',
    ]);
    expect(legacyOf('esxi_host_service_running', { ...host, service: 'snmpd' }, 0)).toEqual([
      'esxi_pyvim_service_state{vcenter="vc01",hostsystem="esx01",service="snmpd"} 0',
    ]);
  });

  it.each([
    ['hostd', 'running', 'hostd', 1],
    ['nsx-opsagent', 'stopped', 'opsAgent', 0],
    ['nsxa', 'absent', 'nsxa', 0],
    ['vvold', 'unknown', 'vvold', 0],
  ])('makes esxi_ssh_service_state of %s that is %s', (service, state, old, value) => {
    expect(legacyOf('esxi_service_state', { ...host, service, state }, 1)).toEqual([
      `esxi_ssh_service_state{vcenter="vc01",hostsystem="esx01",service="${old}"} ${value}`,
    ]);
  });

  it.each([
    ['green', 3, 1],
    ['yellow', 2, 0],
    ['red', 1, 0],
    ['gray', 0, 0],
  ])('turns %s into its own scale of 0 to 3, and into online or not', (status, state, online) => {
    expect(legacyOf('esxi_overall_status_info', { ...host, status }, 1)).toEqual([
      `esxi_online_state{vcenter="vc01",hostsystem="esx01",origin="vcenter"} ${online}`,
      `esxi_overall_state{vcenter="vc01",hostsystem="esx01"} ${state}`,
    ]);
  });

  it('says by esxi_ssh_up whether a host is online for ssh', () => {
    for (const value of [0, 1]) {
      expect(legacyOf('esxi_ssh_up', host, value)).toEqual([
        `esxi_online_state{vcenter="vc01",hostsystem="esx01",origin="ssh_connection"} ${value}`,
      ]);
    }
  });

  it('leaves a label empty that the definition of its source does not have', () => {
    const of = (metric: string) =>
      toLegacySamples(
        ofMetrics(toLists([{ moref: 'host-1', sample: { metric, labels: ['a', 'b', 'c'], value: 1 } }])),
        [],
      ).map(({ sample }) => [sample.labels, sample.value]);
    expect(of('esxi_host_service_running')).toEqual([[['', '', ''], 1]]);
    expect(of('esxi_service_state')).toEqual([[['', '', ''], 0]]);
    expect(of('esxi_overall_status_info')).toEqual([
      [['', '', 'vcenter'], 0],
      [['', ''], 0],
    ]);
  });

  it('leaves everything else alone, and has sources that exist', () => {
    expect(legacyOf('esxi_overall_status', host, 2)).toEqual([]);
    for (const { name } of LEGACY_METRICS) expect(definitions.map((one) => one.name)).not.toContain(name);
    expect(lintDefinitions([...definitions, ...LEGACY_METRICS])).toEqual([]);
  });
});
