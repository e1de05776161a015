import { displayNameOf } from '../catalogue/host.ts';
import type { MetricDefinition, Sample } from '../metrics/family.ts';
import type { SourcedSample, SourcedSamples } from '../metrics/sourced-samples.ts';

/**
 * The names of esxi-exporter's first weeks (March 2021), made from samples that are there anyway: `metrics.legacyNames`
 * adds them. Labels are the last that each name had, all with `hostsystem`, none with `site`.
 */
const HOST = ['vcenter', 'hostsystem'] as const;
const PYVIM_SERVICE: MetricDefinition = {
  name: 'esxi_pyvim_service_state',
  help: '1=running, 0=stopped',
  labels: [...HOST, 'service'],
};
const SSH_SERVICE: MetricDefinition = {
  name: 'esxi_ssh_service_state',
  help: '1=running, 0=stopped',
  labels: [...HOST, 'service'],
};
const ONLINE: MetricDefinition = {
  name: 'esxi_online_state',
  help: '1=online, 0=offline',
  labels: [...HOST, 'origin'],
};
const OVERALL: MetricDefinition = {
  name: 'esxi_overall_state',
  help: '0=unknown 1=red, 2=orange, 3=green',
  labels: HOST,
};
export const LEGACY_METRICS: readonly MetricDefinition[] = [PYVIM_SERVICE, SSH_SERVICE, ONLINE, OVERALL];

interface Source {
  /** A metric with the labels vcenter and hostsystem. */
  readonly from: string;
  readonly to: MetricDefinition;
  /** The label behind vcenter and hostsystem. */
  readonly label?: (labels: Labels) => string;
  readonly value: (labels: Labels, value: number) => number;
}
type Labels = { readonly [name: string]: string | undefined };

/** Its "orange" is no colour of vSphere's, which says yellow. */
const SCALE: ReadonlyMap<string, number> = new Map([
  ['green', 3],
  ['yellow', 2],
  ['red', 1],
]);

const SOURCES: readonly Source[] = [
  {
    from: 'esxi_host_service_running',
    to: PYVIM_SERVICE,
    label: ({ service = '' }) => service,
    value: (_labels, value) => value,
  },
  {
    from: 'esxi_service_state',
    to: SSH_SERVICE,
    label: ({ service = '' }) => displayNameOf(service),
    value: ({ state }) => (state === 'running' ? 1 : 0),
  },
  { from: 'esxi_ssh_up', to: ONLINE, label: () => 'ssh_connection', value: (_labels, value) => value },
  {
    from: 'esxi_overall_status_info',
    to: ONLINE,
    label: () => 'vcenter',
    value: ({ status }) => (status === 'green' ? 1 : 0),
  },
  {
    from: 'esxi_overall_status_info',
    to: OVERALL,
    value: ({ status = '' }) => SCALE.get(status) ?? 0,
  },
];

/** `esxi_online_state` by NetBox, which has no metric of each host to make it of. */
export const toOnlineInNetbox = (vcenter: string, hostsystem: string, isActive: boolean): Sample => ({
  metric: ONLINE.name,
  labels: [vcenter, hostsystem, 'netbox'],
  value: isActive ? 1 : 0,
});

/** The old series of `samples`, each of the object that its source is of. */
export function toLegacySamples(
  { byMetric }: Pick<SourcedSamples, 'byMetric'>,
  definitions: readonly MetricDefinition[],
): SourcedSample[] {
  const labelNames = new Map(definitions.map(({ name, labels }) => [name, labels]));
  return SOURCES.flatMap((source) =>
    Array.from(byMetric.get(source.from) ?? [], ({ moref, sample }) => ({
      moref,
      sample: convert(sample, labelNames.get(sample.metric) ?? [], source),
    })),
  );
}

function convert(sample: Sample, labelNames: readonly string[], { to, label, value }: Source): Sample {
  const labels: Labels = Object.fromEntries(labelNames.map((name, index) => [name, sample.labels[index]]));
  const { vcenter = '', hostsystem = '' } = labels;
  return {
    metric: to.name,
    labels: [vcenter, hostsystem, ...(label === undefined ? [] : [label(labels)])],
    value: value(labels, sample.value),
  };
}
