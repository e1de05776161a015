import type { MetricDefinition } from '../metrics/family.ts';
import type { Collected, Collector, HostSubject } from './collector.ts';

/** Label for label esxi-exporter's metric; it has no `vcenter`. */
const CRITICAL_STATUS: MetricDefinition = {
  name: 'esxi_critical_service_status',
  help: 'running=1/stopped=0',
  labels: ['site', 'hostsystem', 'service'],
};
const STATE: MetricDefinition = {
  name: 'esxi_service_state',
  help: 'The state of a service by its init script, as a label: running, stopped, absent or unknown. Always 1',
  labels: ['vcenter', 'site', 'hostsystem', 'service', 'state'],
};

/** esxi-exporter labels a service with its display name; of the services it was used with, one has another. */
const DISPLAY_NAMES: ReadonlyMap<string, string> = new Map([['nsx-opsagent', 'opsAgent']]);

export const displayNameOf = (service: string): string => DISPLAY_NAMES.get(service) ?? service;

/**
 * The services that the probe asked for on a host that answered. Whatever is not running reads 0 in the old metric,
 * a missing script too, because alerts are written against it; the new one tells the cases apart.
 */
export const sshServices: Collector = {
  name: 'ssh-services',
  subject: 'HostSystem',
  needs: { properties: [], probes: ['services'] },
  metrics: [CRITICAL_STATUS, STATE],
  collect,
};

function collect({ labels, services = [] }: HostSubject): Collected {
  const { vcenter, site, hostsystem } = labels;
  const samples = services.flatMap(({ service, state }) => [
    {
      metric: CRITICAL_STATUS.name,
      labels: [site, hostsystem, displayNameOf(service)],
      value: state === 'running' ? 1 : 0,
    },
    { metric: STATE.name, labels: [vcenter, site, hostsystem, service, state], value: 1 },
  ]);
  return { samples, warnings: [] };
}
