import { absentService } from '../config/known-services.ts';
import { services } from '../esxi/probes/services.ts';
import { HOST_SERVICES_PATHS, readHostServices } from '../inventory/host-services.ts';
import type { PropertyValue } from '../vsphere/property/retrieved-object.ts';
import { type Evaluated, type MetricRow, NOTHING, type Point } from './row.ts';
import { probed } from './sources/probe.ts';
import { derived, type PropertyReading, property, unreadable } from './sources/property.ts';

/** vSphere's ManagedEntityStatus -> esxi-exporter's number. Gray, "unknown", has none there: no sample. */
const COLOURS: ReadonlyMap<PropertyValue, readonly number[]> = new Map([
  ['green', [2]],
  ['yellow', [1]],
  ['red', [0]],
  ['gray', []],
]);

/** The colour with which vCenter sums up a host: the metric of esxi-exporter, and the colour itself as a label. */
export const OVERALL_STATUS: readonly MetricRow[] = [
  {
    name: 'esxi_overall_status',
    help: 'green=2/yellow=1/red=0',
    unit: 'number',
    kind: 'host',
    source: property('overallStatus', {
      as: 'text',
      toPoints: (value) => COLOURS.get(value)?.map((number) => ({ labels: [], value: number })),
      expected: [...COLOURS.keys()].join(', '),
    }),
    labels: [],
    preset: 'esxi_exporter',
    privilege: 'System.Read',
    since: '2.0',
    isQueried: true,
    noSample: 'when the status is gray (unknown), or cannot be read',
  },
  {
    name: 'esxi_overall_status_info',
    help: 'Overall status of the host in vCenter as a label, gray (unknown) included; the value is always 1',
    unit: 'info',
    kind: 'host',
    source: property('overallStatus', {
      as: 'text',
      toPoints: (value) => (COLOURS.has(value) ? [{ labels: [String(value)], value: 1 }] : undefined),
      expected: [...COLOURS.keys()].join(', '),
    }),
    labels: ['status'],
    preset: 'esxi_exporter',
    privilege: 'System.Read',
    since: '2.0',
  },
];

/**
 * The services of a host that vCenter knows (TSM-SSH, ntpd, vpxa …; hostd and the agents of NSX are not among them),
 * without a login to the host. A host that is not connected has no sample: vCenter's copy is an old one then.
 */
export const HOST_SERVICES: readonly MetricRow[] = [
  {
    name: 'esxi_host_service_running',
    help: 'State of a service as known to vCenter: 1 running, 0 stopped; connected hosts only',
    unit: 'boolean',
    kind: 'host',
    source: derived(HOST_SERVICES_PATHS, runningServices),
    labels: ['service'],
    preset: 'esxi_exporter',
    privilege: 'System.Read',
    since: '2.0',
    noSample: "when the host is not `connected`, because vCenter's data is old then; when it cannot be read",
  },
];

function runningServices(reading: PropertyReading): Evaluated {
  const known = readHostServices(reading);
  if (known.kind === 'stale') return NOTHING;
  if (known.kind === 'unreadable') {
    return unreadable([known.path], new Map([[known.path, known.fault]]));
  }
  const understood = known.services.flatMap(({ key, running }): Point[] =>
    key === '' || running === undefined ? [] : [{ labels: [key], value: running ? 1 : 0 }],
  );
  const isOdd = understood.length < known.services.length;
  return {
    points: understood,
    warnings: isOdd ? ['config.service has a service without a key or without a state'] : [],
  };
}

/** esxi-exporter labels a service with its display name; of the services it was used with, one has another. */
const DISPLAY_NAMES: ReadonlyMap<string, string> = new Map([['nsx-opsagent', 'opsAgent']]);

export const displayNameOf = (service: string): string => DISPLAY_NAMES.get(service) ?? service;

/**
 * The services that the probe asked for on a host that answered. Whatever is not running reads 0 in the old metric,
 * a missing script too, because alerts are written against it; the new one tells the cases apart.
 */
export const SSH_SERVICES: readonly MetricRow[] = [
  {
    name: 'esxi_critical_service_status',
    help: 'running=1/stopped=0',
    unit: 'boolean',
    kind: 'host',
    source: probed(services, (found) => ({
      points: found.map(({ service, state }) => ({
        labels: [displayNameOf(service)],
        value: state === 'running' ? 1 : 0,
      })),
      warnings: found.flatMap(({ service, state }) =>
        state === 'absent' ? (absentService(service) ?? []) : [],
      ),
    })),
    labels: ['service'],
    preset: 'esxi_exporter',
    // Label for label esxi-exporter's metric.
    without: ['vcenter'],
    privilege: 'login by ssh',
    since: '6.5',
    isQueried: true,
    noSample: 'when the host did not answer the probe services by ssh',
  },
  {
    name: 'esxi_service_state',
    help: 'State of a service by its init script, as a label: running, stopped, absent or unknown; the value is always 1',
    unit: 'info',
    kind: 'host',
    source: probed(services, (found) => ({
      points: found.map(({ service, state }) => ({ labels: [service, state], value: 1 })),
      warnings: [],
    })),
    labels: ['service', 'state'],
    preset: 'esxi_exporter',
    privilege: 'login by ssh',
    since: '6.5',
    noSample: 'when the host did not answer the probe services by ssh',
  },
];
