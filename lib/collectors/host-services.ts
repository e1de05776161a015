import { HOST_SERVICES_PATHS, readHostServices } from '../inventory/host-services.ts';
import type { MetricDefinition } from '../metrics/family.ts';
import type { Collected, Collector, HostSubject } from './collector.ts';

const RUNNING: MetricDefinition = {
  name: 'esxi_host_service_running',
  help: 'Whether a service runs, as vCenter knows it: 1 running, 0 stopped. Only of connected hosts',
  labels: ['vcenter', 'site', 'hostsystem', 'service'],
};

/**
 * The services of a host that vCenter knows (TSM-SSH, ntpd, vpxa …; hostd and the agents of NSX are not among them),
 * without a login to the host. A host that is not connected has no sample: vCenter's copy is an old one then.
 */
export const hostServices: Collector = {
  name: 'host-services',
  subject: 'HostSystem',
  needs: { properties: HOST_SERVICES_PATHS, probes: [] },
  metrics: [RUNNING],
  collect,
};

function collect({ labels, object }: HostSubject): Collected {
  const known = object === undefined ? undefined : readHostServices(object);
  if (known === undefined || known.kind === 'stale') return { samples: [], warnings: [] };
  if (known.kind === 'unreadable') {
    return { samples: [], warnings: [`${known.path} could not be read: ${known.fault}`] };
  }
  const { vcenter, site, hostsystem } = labels;
  const warnings = new Set<string>();
  const samples = known.services.flatMap(({ key, running }) => {
    if (key === '' || running === undefined) {
      warnings.add('config.service has a service without a key or without a state');
      return [];
    }
    return [{ metric: RUNNING.name, labels: [vcenter, site, hostsystem, key], value: running ? 1 : 0 }];
  });
  return { samples, warnings: [...warnings] };
}
