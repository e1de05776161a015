import type { MetricRow } from '../../catalogue/row.ts';
import type { KindName } from '../../inventory/kind.ts';
import { knownCounters } from '../../vsphere/performance/known-counters.ts';
import { resolvePath } from '../../vsphere/vim25/resolve-path.ts';
import { intervalOf } from './compile-counter.ts';
import { DEFAULT_MAX } from './compile-property.ts';
import { type NamedOwn, splitOwn } from './own-kind.ts';

/** What somebody should know of a metric that is right: where there is no sample, what it costs, what its unit is. */
export function adviseOwn(own: NamedOwn, row: MetricRow): readonly string[] {
  return [
    ...ofVersion(row),
    ...ofParent(own),
    ...ofCounter(own, row),
    ...ofEntity(own, row),
    ...ofSuffix(own),
    ...ofLabels(own),
    ...ofCost(row),
  ];
}

/** Series of one object, at most; of the instances of a counter nobody can tell. */
export function seriesPerObject({ metric }: NamedOwn): number | undefined {
  if (metric.instances !== undefined) return undefined;
  const elements = metric.each === undefined ? 1 : (metric.max ?? DEFAULT_MAX);
  return elements * (metric.states?.length ?? 1);
}

/** What is older is in every vSphere that is in use, so that its version is not worth a word. */
const FIRST_NAMED_VERSION = 7;

const ofVersion = ({ since }: MetricRow): string[] =>
  Number.parseInt(since, 10) >= FIRST_NAMED_VERSION
    ? [`since vSphere ${since}; of an older one there is no sample`]
    : [];

function ofParent({ metric }: NamedOwn): string[] {
  const { type, what } = splitOwn(metric.property);
  const { read, below } = resolvePath(type, what || 'name') ?? { read: '', below: [] };
  return below.length === 0 ? [] : [`${read} is read whole, because only a subtype has ${below.join('.')}`];
}

function ofCounter({ metric }: NamedOwn, { kind }: MetricRow): string[] {
  if (metric.counter === undefined) return [];
  const { what } = splitOwn(metric.counter);
  const known = knownCounters().get(what);
  if (known === undefined)
    return [`${what} is not in the table of counters; vcenters without it have no sample`];
  const level = metric.instances === undefined ? known.level : known.perDeviceLevel;
  const interval = intervalOf(kind, metric);
  const needs =
    interval === '20s'
      ? 'at 20s it is there at any statistics level'
      : `its values of 5m need statistics level ${level} in vCenter${level === 1 ? ', the default' : ''}`;
  const summed = what.endsWith('.summation') ? `, summed over ${interval}` : '';
  return [`unit ${known.unit}${known.unit === 'percent' ? ' × 100' : ''}${summed}; ${needs}`];
}

/**
 * The groups of counters that vSphere documents for objects other than hosts and machines ("Metric Groups" of the Datacenter
 * Administration Guide; the tables of PerformanceManager in the vSphere API Reference). A vCenter may have more.
 */
const GROUPS_OF: { readonly [Kind in KindName]?: readonly string[] } = {
  host: [
    'cpu',
    'datastore',
    'disk',
    'gpu',
    'hbr',
    'managementAgent',
    'mem',
    'net',
    'pmem',
    'power',
    'rescpu',
  ].concat(['storageAdapter', 'storagePath', 'sys', 'vflashModule', 'vsanDomObj', 'clusterServices']),
  vm: ['cpu', 'datastore', 'disk', 'gpu', 'mem', 'net', 'pmem', 'power', 'rescpu', 'sys', 'virtualDisk'],
  datastore: ['datastore', 'disk'],
  'datastore-cluster': ['datastore', 'disk'],
  cluster: ['clusterServices', 'cpu', 'disk', 'mem', 'net', 'power', 'vmop', 'vsanDomObj'],
  'resource-pool': ['cpu', 'mem'],
  portgroup: ['net'],
  'distributed-switch': ['net'],
};

function ofEntity({ name, metric: { counter } }: NamedOwn, { kind }: MetricRow): string[] {
  const { type, what } = splitOwn(counter);
  const [group = ''] = what.split('.');
  const groups = GROUPS_OF[kind];
  if (counter === undefined || groups === undefined || groups.includes(group)) return [];
  return [
    `vSphere documents counters of ${groups.join(', ')} for a ${type}, and none of ${group}: probably there is no sample; to see it, run: vsweep metrics try ${name}`,
  ];
}

/** Endings that name another unit than the counter or the property has. */
const SUFFIXES: readonly [suffix: string, units: RegExp, unit: string][] = [
  ['_seconds', /millisecond|microsecond|Ms$/, 'milliseconds or microseconds'],
  ['_bytes', /kiloBytes|megaBytes|KB$|MB$|Mb$/, 'KB, MB or Mbit'],
  ['_percent', /^percent$/, 'percent × 100'],
  ['_ratio', /^percent$/, 'percent × 100'],
];

function ofSuffix({ name, metric }: NamedOwn): string[] {
  if (metric.scale !== undefined || metric.divide !== undefined || metric.test !== undefined) return [];
  const unit =
    metric.counter === undefined
      ? String(metric.value ?? metric.property ?? '')
      : (knownCounters().get(splitOwn(metric.counter).what)?.unit ?? '');
  return SUFFIXES.filter(([suffix, units]) => name.endsWith(suffix) && units.test(unit)).map(
    ([suffix, , is]) =>
      `the name ends in ${suffix}, and the value is in ${is}; add scale, or choose another name`,
  );
}

const CHANGING = /(?:ipAddress|[tT]ime|uptime|Usage|count)$/;

const ofLabels = ({ metric }: NamedOwn): string[] =>
  Object.entries(metric.labels ?? {})
    .filter(([, path]) => CHANGING.test(path))
    .map(([label, path]) => `the label ${label} changes with ${path}, and each change is a new series`);

/** Tens of kilobytes an object. */
const HEAVY = [
  'config.hardware.device',
  'layoutEx',
  'config.storageDevice',
  'config.option',
  'config',
  'runtime.healthSystemRuntime',
];

const ofCost = ({ source: { needs } }: MetricRow): string[] =>
  needs
    .filter((need) =>
      HEAVY.some((path) => need === path || (String(need).startsWith(`${path}.`) && path !== 'config')),
    )
    .map((need) => `${need} is large; write every: 15m or longer where there are thousands of objects`);
