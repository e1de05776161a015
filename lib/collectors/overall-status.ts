import type { MetricDefinition } from '../metrics/family.ts';
import type { Collected, Collector, HostSubject } from './collector.ts';

const STATUS: MetricDefinition = {
  name: 'esxi_overall_status',
  help: 'green=2/yellow=1/red=0',
  labels: ['vcenter', 'site', 'hostsystem'],
};
const STATUS_INFO: MetricDefinition = {
  name: 'esxi_overall_status_info',
  help: 'The overall status that vCenter gives the host, as a label; also gray (unknown). Always 1',
  labels: ['vcenter', 'site', 'hostsystem', 'status'],
};

/** vSphere's ManagedEntityStatus -> esxi-exporter's number. Gray, "unknown", has none there: no sample. */
const VALUES: ReadonlyMap<string, number | undefined> = new Map([
  ['green', 2],
  ['yellow', 1],
  ['red', 0],
  ['gray', undefined],
]);

/** The colour with which vCenter sums up a host: the metric of esxi-exporter, and the colour itself as a label. */
export const overallStatus: Collector = {
  name: 'overall-status',
  subject: 'HostSystem',
  needs: { properties: ['overallStatus'], probes: [] },
  metrics: [STATUS, STATUS_INFO],
  collect,
};

function collect({ labels, object }: HostSubject): Collected {
  const status = object?.properties.get('overallStatus');
  if (status === undefined) {
    const fault = object?.missing.get('overallStatus') ?? 'vCenter sent no value';
    return { samples: [], warnings: [`overallStatus could not be read: ${fault}`] };
  }
  if (typeof status !== 'string' || !VALUES.has(status)) {
    return { samples: [], warnings: ['overallStatus is none of green, yellow, red, gray'] };
  }
  const host = [labels.vcenter, labels.site, labels.hostsystem];
  const info = { metric: STATUS_INFO.name, labels: [...host, status], value: 1 };
  const value = VALUES.get(status);
  const samples = value === undefined ? [info] : [{ metric: STATUS.name, labels: host, value }, info];
  return { samples, warnings: [] };
}
