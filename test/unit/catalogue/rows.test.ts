import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeRow } from '../../../lib/catalogue/describe.ts';
import { baseLabelsOf } from '../../../lib/catalogue/presets.ts';
import {
  type CountedUnit,
  type Declared,
  definitionOf,
  type MetricRow,
  type Unit,
} from '../../../lib/catalogue/row.ts';
import { COUNTERS, HISTORICAL_COUNTERS, readNeed } from '../../../lib/catalogue/sources/counter.ts';
import { PROPERTIES } from '../../../lib/catalogue/sources/property.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { findKind } from '../../../lib/inventory/kinds.ts';
import { parsePath } from '../../../lib/vsphere/vim25/parse-path.ts';
import { checkPropertyPath, type PathTarget } from '../../../lib/vsphere/vim25/property-path.ts';
import { loadVim25, type Vim25Property } from '../../../lib/vsphere/vim25/vim25.ts';
import { VMWARE_EXPORTER_COUNTERS, VMWARE_EXPORTER_NAMES } from './vmware-exporter-names.ts';

const ROWS = COLLECTORS.flatMap(({ rows }) => rows);
/** Those that are only aggregated over included. */
const OF_PROPERTIES = [...new Set(ROWS.flatMap((row) => row.source.over ?? row))].filter(
  ({ source }) => source.reader === PROPERTIES,
);
const vim25 = loadVim25();

/** The properties on the way of a path, from a type of objects. */
function stepsOf(type: string, path: string): Vim25Property[] {
  let here = vim25.type(type);
  return parsePath(path).flatMap(({ name }) => {
    const property = here?.properties.get(name);
    here = vim25.type(property?.type ?? '');
    return property ?? [];
  });
}

const typesOf = ({ kind }: MetricRow): readonly string[] => findKind(kind).types;

const NUMBERS = ['byte', 'short', 'int', 'long', 'float', 'double'];

function declaredAs({ type, isArray }: PathTarget): Declared {
  if (isArray) return 'array';
  if (NUMBERS.includes(type)) return 'number';
  if (type === 'boolean' || type === 'dateTime') return type;
  return vim25.type(type)?.kind === 'managed object' ? 'reference' : 'text';
}

const newest = (versions: readonly string[]): string =>
  versions.toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true })).at(-1) ?? '';

describe('rows over properties', () => {
  it.each(OF_PROPERTIES)('$name reads paths that each type of its kind has', (row) => {
    for (const type of typesOf(row))
      for (const path of row.source.needs) expect(() => checkPropertyPath(type, String(path))).not.toThrow();
  });

  it.each(OF_PROPERTIES)('$name says since when all of it can be read', (row) => {
    const versions = typesOf(row).flatMap((type) =>
      row.source.needs.flatMap((path) => stepsOf(type, String(path)).map(({ since }) => since)),
    );
    expect(row.since).toBe(newest(versions));
  });

  it.each(OF_PROPERTIES)('$name says that it has no sample where vSphere 6.5 lacks what it reads', (row) => {
    if (newest([row.since, '6.5']) !== '6.5') expect(row.noSample).toContain(`older than ${row.since}`);
  });

  const READING_ONE = OF_PROPERTIES.filter(({ source }) => source.reads !== undefined);
  it.each(READING_ONE)(
    '$name takes its property as it is declared, and knows whether it may be unset',
    (row) => {
      const { path = '', as, isOptional } = row.source.reads ?? {};
      for (const type of typesOf(row)) {
        expect(declaredAs(checkPropertyPath(type, path))).toBe(as);
        expect(stepsOf(type, path).some((step) => step.isOptional)).toBe(isOptional);
      }
    },
  );
});

/** Unit of vSphere -> units of rows. */
const COUNTED_IN: Readonly<Record<string, readonly Unit[]>> = {
  percent: ['percent × 100'],
  millisecond: ['ms', 'ms in 20 s'],
  microsecond: ['µs'],
  number: ['in 20 s', '1/s', 'number'],
  kiloBytes: ['KB'],
  kiloBytesPerSecond: ['KB/s'],
  megaHertz: ['MHz'],
};
const PUBLISHED: ReadonlyMap<string, string> = new Map(
  readFileSync(new URL('../../fixtures/vsphere/perf-counters.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line): [string, string] => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? '']),
);

const isCounted = ({ source }: MetricRow) =>
  source.reader === COUNTERS || source.reader === HISTORICAL_COUNTERS;

describe('rows over counters', () => {
  const OF_COUNTERS = ROWS.filter(isCounted);
  const [LATE, NOW] = [HISTORICAL_COUNTERS, COUNTERS].map((reader) =>
    OF_COUNTERS.filter(({ source }) => source.reader === reader),
  );

  it.each(OF_COUNTERS)('$name reads a counter that vCenter has, in its unit', ({ source, unit }) => {
    const counters = source.needs.map((need) => readNeed(String(need)).counter);
    expect(counters).toHaveLength(1);
    const [name = ''] = counters;
    expect(COUNTED_IN[PUBLISHED.get(name) ?? 'no such counter']).toContain(unit);
    // A summation is of an interval, and nothing else is.
    expect(unit.endsWith(' in 20 s') || unit === 'in 20 s').toBe(name.endsWith('.summation'));
  });

  it('share no collector with counters of instances, which multiply series', () => {
    const collectors = COLLECTORS.filter(({ rows }) => rows.some((row) => OF_COUNTERS.includes(row)));
    const labels = collectors.map(({ name, rows }) => [
      name,
      [...new Set(rows.flatMap((row) => row.labels))],
    ]);
    expect(Object.fromEntries(labels)).toEqual({
      'host-performance': [],
      'host-devices': ['device', 'nic'],
      'host-datastores': ['datastore'],
      'vm-performance': [],
      'vm-disks': ['disk'],
      'vm-nics': ['nic'],
      // Four types of files, which multiply nothing.
      'datastore-performance': ['file_type'],
      'cluster-performance': [],
    });
    const labelsOf = ({ labels: own }: MetricRow) => own.filter((label) => label !== 'file_type');
    for (const { rows } of collectors) expect(new Set(rows.map((row) => labelsOf(row).length)).size).toBe(1);
  });

  it.each(LATE ?? [])('$name says how old its value may be', (row) => {
    const { help, noSample } = describeRow(row);
    expect(help).toMatch(/; of vCenter's shortest interval, at most an hour ago$/);
    expect(noSample).toBe('when vCenter has no value of the last hour');
  });

  it.each(NOW ?? [])('$name promises no age of its value', (row) => {
    expect(describeRow(row).noSample).toBe(
      'unless runtime.powerState is poweredOn and runtime.connectionState is connected; when vSphere has no value',
    );
  });

  it.each([
    ['host', 24],
    ['vm', 24],
  ] as const)('have all that vmware_exporter makes of counters of a %s', (kind, count) => {
    const names = VMWARE_EXPORTER_COUNTERS[kind];
    expect(names).toHaveLength(count);
    const rows = new Map(ROWS.map((row) => [row.name, row]));
    for (const name of names) {
      const row = rows.get(`vmware_${kind}_${name.replaceAll('.', '_')}`);
      expect(row?.source.needs, name).toEqual([name]);
      expect(row?.labels, name).toEqual([]);
    }
  });
});

/** How a name ends that Prometheus' rules ask for; a condition or a count of things has no unit. */
const SUFFIXES: Readonly<Record<Exclude<Unit, CountedUnit>, RegExp>> = {
  boolean: /./,
  state: /_(state|mode)$/,
  info: /_info$/,
  number: /./,
  seconds: /(?<!_timestamp)_seconds$/,
  total: /_total$/,
  timestamp: /_timestamp_seconds$/,
  bytes: /_bytes$/,
  MB: /never: bytes/,
  MiB: /never: bytes/,
  percent: /_percent$/,
  MHz: /_mhz$/,
  rpm: /_rpm$/,
  celsius: /_celsius$/,
  volts: /_volts$/,
  amperes: /_amperes$/,
  watts: /_watts$/,
};
/** What is named for the many series of an object, as `kube_pod_labels` of kube-state-metrics is. */
const OF_LABELS = ROWS.map(({ name }) => name).filter((name) => /_(?:tags|custom_attributes)$/.test(name));
/** esxi-exporter's, and one that says the same as them in its words. */
const KEPT = new Set([
  ...Object.keys(VMWARE_EXPORTER_NAMES),
  ...OF_LABELS,
  'esxi_service_state',
  'esxi_overall_status',
]);

describe('names of metrics', () => {
  it.each(ROWS.filter((row) => !KEPT.has(row.name) && !isCounted(row)))(
    '$name ends as its unit asks for',
    ({ name, unit }) => {
      expect(name).toMatch(SUFFIXES[unit as keyof typeof SUFFIXES]);
    },
  );

  it.each(ROWS.filter(isCounted))('$name is that of its counter, as vmware_exporter names them', (row) => {
    const [counter = ''] = row.source.needs.map((need) => readNeed(String(need)).counter);
    const spelled = row.name
      .replace('errorRX', 'errorsRx')
      .replace('errorTX', 'errorsTx')
      .replace(/RX|TX/, (word) => (word === 'RX' ? 'Rx' : 'Tx'));
    // One of a datastore says that once.
    const words = counter.replace(`${row.kind}.`, '').replaceAll('.', '_');
    // Of instances beside a metric of the item as a whole: with the label in the name.
    const isBesideWhole =
      row.source.reader === COUNTERS &&
      row.labels.length > 0 &&
      ROWS.some(({ kind, source }) => kind === row.kind && source.needs.includes(counter));
    expect(spelled).toBe(`vmware_${isBesideWhole ? `${row.kind}_${row.labels[0]}` : row.kind}_${words}`);
  });

  it('are all that vmware_exporter makes of properties, with its labels', () => {
    const ours = new Map(ROWS.map((row) => [row.name, row]));
    expect(Object.keys(VMWARE_EXPORTER_NAMES)).toHaveLength(47);
    for (const [name, labels] of Object.entries(VMWARE_EXPORTER_NAMES)) {
      const row = ours.get(name);
      expect(row?.preset, name).toBe('vmware_exporter');
      expect(row?.labels, name).toEqual(labels);
    }
  });

  it('do not name a label of the object a second time', () => {
    for (const row of ROWS) {
      const { labels } = definitionOf(row);
      expect(new Set(labels).size, row.name).toBe(baseLabelsOf(row).length + row.labels.length);
    }
  });
});
