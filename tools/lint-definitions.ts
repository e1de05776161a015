import type { MetricDefinition } from '../lib/metrics/family.ts';

/** Capitals and plain `vmware_…` names stay possible: vmware_exporter has them (`vmware_host_net_bytesRX_average`). */
const METRIC_NAME = /^(esxi|vmware|vsweep)(_[a-zA-Z0-9]+)+$/;
const LABEL_NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
/** Names that Prometheus gives to the series of counters, histograms and summaries; ours are gauges, and a few counters. */
const RESERVED_SUFFIX = /_(total|bucket|count|sum|created)$/;
const COUNTER_SUFFIX = /_total$/;
/** The grouping key overwrites `job` and `instance` in a push; `le` and `quantile` belong to other types. */
const RESERVED_LABELS: ReadonlySet<string> = new Set(['job', 'instance', 'le', 'quantile']);
/** Every family about vsweep itself says of which sweep and target it speaks. */
const SELF_LABELS = ['sweep', 'vcenter'];

/** The faults of metric definitions that share one exposition, one line each; empty when they are well formed. */
export function lintDefinitions(definitions: readonly MetricDefinition[]): string[] {
  const names = definitions.map(({ name }) => name);
  const repeated = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [
    ...Array.from(repeated, (name) => `${name}: defined more than once`),
    ...definitions.flatMap((definition) =>
      faultsOf(definition).map((fault) => `${definition.name}: ${fault}`),
    ),
  ];
}

function faultsOf({ name, help, labels, type }: MetricDefinition): string[] {
  const faults: string[] = [];
  if (!METRIC_NAME.test(name))
    faults.push('the name is not esxi_…, vmware_… or vsweep_… in words joined by _');
  if (type === 'counter' && !COUNTER_SUFFIX.test(name))
    faults.push('it is a counter, but the name does not end in _total');
  if (type === undefined && RESERVED_SUFFIX.test(name))
    faults.push('the name ends like a counter or histogram, but it is a gauge');
  if (help.trim() !== help || help === '' || help.includes('\n'))
    faults.push('the help is not one line of text');
  if (new Set(labels).size !== labels.length) faults.push('a label is named twice');
  for (const label of labels) {
    if (!LABEL_NAME.test(label)) faults.push(`the label ${label} is not snake_case`);
    if (RESERVED_LABELS.has(label)) faults.push(`the label ${label} is reserved`);
  }
  const missing = name.startsWith('vsweep_') ? SELF_LABELS.filter((label) => !labels.includes(label)) : [];
  return [...faults, ...missing.map((label) => `the label ${label} is missing`)];
}
