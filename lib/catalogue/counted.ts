import type { CountedUnit, MetricRow } from './row.ts';
import { counter, historical, historicalInstancesOf, instancesOf } from './sources/counter.ts';

/** `group.name.rollup`, what it counts, in what, and whether public dashboards ask for it. */
export type Counted = readonly [counter: string, help: string, unit: UnitHere, isQueried?: 'queried'];

/** Nothing is converted, because dashboards divide by 100 themselves. */
type UnitHere = CountedUnit | 'MHz' | 'number';

/** In words, for HELP. */
const IN: Readonly<Record<UnitHere, string>> = {
  'percent × 100': ', in hundredths of a percent',
  'ms in 20 s': ', in milliseconds of 20 s',
  'in 20 s': ' in 20 s',
  KB: ', in KiB',
  'KB/s': ', in KiB a second',
  ms: ', in milliseconds',
  µs: ', in microseconds',
  MHz: ', in MHz',
  '1/s': ' a second',
  number: '',
};

const BASE = { preset: 'vmware_exporter', since: '6.5' } as const;
/** Whether a host or machine runs and is connected, which the reader goes by, takes more than its counters do. */
const OF_STATE = 'System.Read';
const OF_COUNTERS = 'System.View';

/** A row of the item as a whole, named as vmware_exporter names counters: `vmware_vm_cpu_ready_summation`. */
export const countedRow =
  (kind: 'host' | 'vm') =>
  ([name, help, unit, isQueried]: Counted): MetricRow => ({
    ...BASE,
    privilege: OF_STATE,
    kind,
    name: nameOf(kind, name),
    help: help + IN[unit],
    unit,
    labels: [],
    source: counter(name),
    noSample: NO_VALUE,
    ...(isQueried === undefined ? {} : { isQueried: true }),
  });

/**
 * A row of the instances of a counter that `pattern` takes, each under `label`. `besideWhole`: the counter of the item as
 * a whole is a metric, too, so that this one has the label in its name.
 */
export const instanceRow =
  (
    kind: 'host' | 'vm',
    {
      label,
      pattern,
      references,
      besideWhole = false,
    }: {
      readonly label: string;
      readonly pattern: RegExp;
      readonly references?: MetricRow['references'];
      readonly besideWhole?: boolean;
    },
  ) =>
  (counted: Counted): MetricRow => ({
    ...countedRow(kind)(counted),
    name: nameOf(besideWhole ? `${kind}_${label}` : kind, counted[0]),
    labels: [label],
    source: instancesOf(counted[0], pattern),
    ...(references === undefined ? {} : { references }),
  });

/** A row of the item as a whole from vCenter's database, or of the instances that `pattern` takes. */
export const historicalRow =
  (kind: 'datastore' | 'cluster', instances?: { readonly label: string; readonly pattern: RegExp }) =>
  ([name, help, unit, isQueried]: Counted): MetricRow => ({
    ...BASE,
    privilege: OF_COUNTERS,
    kind,
    // `datastore.datastoreIops` of a datastore says it once.
    name: nameOf(kind, name.replace(new RegExp(`^${kind}\\.`), '')),
    help: `${help}${IN[unit]}; of vCenter's shortest interval, at most an hour ago`,
    unit,
    labels: instances === undefined ? [] : [instances.label],
    source: instances === undefined ? historical(name) : historicalInstancesOf(name, instances.pattern),
    noSample: 'when vCenter has no value of the last hour',
    ...(isQueried === undefined ? {} : { isQueried: true }),
  });

const NO_VALUE = 'when vSphere has no value';

const nameOf = (of: string, counterName: string): string =>
  `vmware_${of}_${counterName.replaceAll('.', '_')}`;
